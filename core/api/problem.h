#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/api/batch.h"
#include "core/api/evaluation.h"
#include "core/api/metric_info.h"
#include "core/api/recipe.h"

namespace nas {

/// Where a sample lies. The validation samples of a training are part of the training samples.
enum class Part : std::uint8_t { kTraining, kTest };

/// Disjoint lists of training samples.
struct TrainSplit {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};

/// A value of the metric `name`.
struct NamedValue {
  std::string name;
  double value = 0;
};

/// A fact about data, for people and machines.
struct DataFact {
  std::string name;  ///< "channel_0_mean"
  std::variant<std::string, std::int64_t, double> value;
  std::string title{};  ///< "channel 0 mean"; "" = as the name
};

/// The data behind a problem.
struct ProblemData {
  std::string id;      ///< kind, sizes and a content hash: what a fidelity names
  std::string source;  ///< where it came from, for people
  std::vector<std::string> classes;
  std::array<std::vector<std::uint16_t>, 2> labels{};  ///< by Part, of every sample
  std::vector<DataFact> facts{};
  const std::vector<std::uint16_t>& labels_of(Part part) const {
    return labels[static_cast<std::size_t>(part)];
  }
  std::size_t samples(Part part) const { return labels_of(part).size(); }
};

/// Collects what a network answers to samples and says how good that is. Used from one thread.
class Judge {
 public:
  virtual ~Judge() = default;
  /// outputs: [samples.size(), F] row-major. A sample may come several times (segments of a
  /// recording).
  virtual void add(std::span<const std::uint32_t> samples, std::span<const float> outputs) = 0;

  /// Training samples that it compares with, whose outputs it wants to see first; none by default.
  virtual std::vector<std::uint32_t> references() const { return {}; }
  virtual void add_references(std::span<const std::uint32_t>, std::span<const float>) {}
  /// What the loss makes of the outputs, [samples.size(), classes], where it learned tensors of its
  /// own: only while the training that they belong to is at hand.
  virtual void add_class_scores(std::span<const std::uint32_t>, std::span<const float>) {}

  /// The metrics of the problem in the order of its record, then what else is worth saying.
  virtual std::vector<NamedValue> values() const = 0;
};

/// What networks are trained for: data, the task that it poses, and how answers are judged. The
/// loss works on tensors and is named here (core/runtime/problems). Immutable and safe from several
/// threads. `recipe.problem` holds the fields of the problem's own.
class Problem {
 public:
  virtual ~Problem() = default;
  virtual const ProblemRecord& record() const = 0;
  virtual const ProblemData& data() const = 0;

  /// Input and outputs of a network for it; its other fields are open.
  virtual Task poses(const Recipe& recipe) const = 0;

  // Of samples; a problem without them (`FittedProblem`) throws Error(kUnsupported).

  /// Throws Error(kUsage | kData) where too few samples are left.
  virtual TrainSplit split(const Recipe& recipe) const;
  /// `samples`: numbers within the part. The problem must outlive the batches. Throws Error(kUsage)
  /// for options that are out of range.
  virtual std::unique_ptr<BatchSource> batches(Part part, std::vector<std::uint32_t> samples,
                                               const Recipe& recipe,
                                               const BatchOptions& options) const;
  /// Judges what the network's first output says of samples of this part.
  virtual std::unique_ptr<Judge> judge(Part part, const Recipe& recipe) const;
  /// Judges the class scores of the loss while it trains; null: there are none.
  virtual std::unique_ptr<Judge> training_judge(const Recipe& recipe) const;
};

/// What a fit found.
struct Fitted {
  ArchGraph graph;                 ///< with the parameters found as attributes
  std::vector<NamedValue> values;  ///< the metrics of the problem's record, in its order
  std::vector<CurvePoint> curve;   ///< "epoch" counts the fits from different angles
};

/// A problem that fits the parameters of its architectures itself, without LibTorch: of quantum
/// circuits. Optional (dynamic_cast); the loss of its record is "".
class FittedProblem {
 public:
  virtual ~FittedProblem() = default;
  /// A pure function of graph and recipe. Throws Error(kUsage) for a graph that does not fit the
  /// problem, Interrupted when `stop` was requested.
  virtual Fitted fit(const ArchGraph& graph, const Recipe& recipe, std::stop_token stop) const = 0;
  /// Throws Error(kUsage) for what no fit can do, whatever the graph.
  virtual void check_recipe(const Recipe& recipe) const = 0;
};

/// All samples of a part, in order.
std::vector<std::uint32_t> all_samples(const Problem& problem, Part part);

/// The network that this recipe trains.
Task task_for(const SearchSpace& space, const Problem& problem, const Recipe& recipe);

/// `fidelity_text` of the problem's data.
std::string fidelity_text(const Problem& problem, const Recipe& recipe);

/// Throws Error(kUsage) where a network's input or first output is not what the problem poses.
void check_fits(const ArchGraph& graph, const Problem& problem, const Recipe& recipe);

}  // namespace nas
