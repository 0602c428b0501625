#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/recipe.h"
#include "core/api/search_space.h"
#include "core/ir/same/digest.h"
#include "core/util/interval.h"
#include "core/util/progress.h"

namespace nas {

/// What a value is worth as evidence.
enum class MetricSource : std::uint8_t { kComputed, kMeasured, kTabular, kPredicted, kProxy };
std::string to_string(MetricSource source);

/// A device setting that a latency, memory or energy refers to: "host:batch=1,threads=1,float32".
struct Device {
  std::string name;      ///< "host", "pixel3", ...
  std::string kind;      ///< "cpu", "gpu", "mcu"
  std::string settings;  ///< canonical "batch=1,threads=1,precision=float32"
};

/// One value with its provenance. Non-finite values are kept (and stored as such), never dropped.
struct MetricValue {
  std::string name;  ///< "accuracy", "params", "macs", "latency_ms"
  double value = 0;
  MetricSource source = MetricSource::kMeasured;
  std::string fidelity;  ///< `fidelity_text`, or "" for what does not depend on data
  std::optional<Device> device;
  /// Text of the network it was computed or measured of (core/api/task.h); "" = unknown: stored by
  /// a version that did not record it.
  std::string network{};
  /// Where it may lie. Of a measured latency the middle half of the passes; of a prediction the
  /// range that, by its model, holds the true value for nine of ten networks. Absent: not known.
  std::optional<Interval> interval{};
};

/// With this probability the interval of a predicted value holds the true one.
inline constexpr double kIntervalProbability = 0.9;

struct CurvePoint {
  std::int64_t epoch = 0;
  std::string name;  ///< "train_loss", "train_accuracy", "accuracy", "learning_rate"
  double value = 0;
};

struct EvalRequest {
  const Architecture& architecture;
  const ArchGraph& graph;  ///< faithful, built for the evaluator's task
  const Digest& digest;
  ProgressSink& progress;
  std::stop_token stop;
};

struct EvalResult {
  std::vector<MetricValue> metrics;
  std::vector<CurvePoint> curve;
  bool stopped = false;  ///< the stop token ended it: nothing to record
};

/// Gives values for architectures. A pure function of graph and settings (seed included), apart
/// from wall-clock measurements; const and safe from several threads unless `info().exclusive`.
/// Throws nas::Error when this architecture cannot be evaluated (the trial is stored as failed).
class Evaluator {
 public:
  struct Info {
    std::string name;                  ///< "cost", "latency", "training"
    std::vector<std::string> metrics;  ///< names it provides
    /// Evaluators run cheapest first: 0 = computed, 10 = milliseconds, 100 = training.
    int expense = 0;
    bool exclusive = false;  ///< must run alone (timing)
    bool reusable = true;    ///< results may be reused for an equal digest
    bool trains = false;     ///< by a recipe, whose epochs a searcher may shorten
    Task task;               ///< the network it wants to see
    std::string network;     ///< `network_text` of `task`
    std::string fidelity;
    std::optional<Device> device;
  };
  virtual ~Evaluator() = default;
  virtual const Info& info() const = 0;
  virtual EvalResult evaluate(const EvalRequest& request) const = 0;
};

}  // namespace nas
