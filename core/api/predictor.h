#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/search_space.h"
#include "core/util/options.h"
#include "core/util/progress.h"

namespace nas {

/// What a predictor sees of architectures: themselves, and features that others computed for them
/// (zero-cost scores, node-wise statistics, columns of a benchmark).
struct Samples {
  std::vector<Architecture> architectures;
  std::vector<std::string> feature_names;  ///< may be empty
  std::vector<double>
      features;  ///< row-major, architectures x feature_names; NaN or infinite = missing
};

struct Prediction {
  double mean = 0;
  double deviation = 0;  ///< of the predictor's own uncertainty; 0 where it has none
};

/// One tensor of a fitted predictor.
struct PredictorTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<double> data;  ///< row-major
};

/// Everything `predict` needs beside the options: saved as safetensors (tensors) and JSON (text).
struct PredictorState {
  std::vector<PredictorTensor> tensors;
  std::string text;  ///< JSON object of the plug-in's own
};

struct FitContext {
  std::uint64_t seed = 0;
  ProgressSink* progress = nullptr;
  std::stop_token
      stop;  ///< ends the fit early; the predictor then throws Error(kUsage, "interrupted")
};

/// Learns a map from architectures (and features) to a number, larger = better unless the caller
/// says otherwise; only ranks are promised to mean something for predictors trained by a ranking
/// loss. Deterministic in (options, seed, samples). `predict` is const and safe from several
/// threads.
class Predictor {
 public:
  virtual ~Predictor() = default;
  /// Throws Error(kUsage) when it needs features that are not there, Error(kData) for fewer than
  /// two samples or targets that are not finite.
  virtual void fit(const SearchSpace& space, const Samples& samples,
                   std::span<const double> targets, const FitContext& context) = 0;
  /// One for each architecture. Requires a fit or restore.
  virtual std::vector<Prediction> predict(const SearchSpace& space,
                                          const Samples& samples) const = 0;
  virtual PredictorState save() const = 0;
  /// Throws Error(kData) for tensors that do not fit.
  virtual void restore(const PredictorState& state) = 0;
};

/// How searchers get predictors, which live in a sibling folder.
using PredictorFactory =
    std::function<std::unique_ptr<Predictor>(std::string_view name, const OptionMap& options)>;

/// Scores of untrained networks, for searchers that rank before anything is trained: columns of a
/// benchmark, or computed by the proxy engine when asked.
class ScoreSource {
 public:
  virtual ~ScoreSource() = default;
  virtual std::vector<std::string> names() const = 0;
  /// The architectures that have scores already (rows of a benchmark), in the table's order; empty:
  /// any can be scored.
  virtual std::vector<Architecture> pool() const = 0;
  /// Row-major architectures x names; NaN = missing, -inf = failed. Throws Error(kUsage) for an
  /// unknown name.
  virtual std::vector<double> scores(std::span<const Architecture> architectures,
                                     std::span<const std::string> names) const = 0;
};

}  // namespace nas
