#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"

namespace nas {

/// Architectures as ParZC's networks read them.
struct RankSamples {
  std::int64_t count = 0;
  std::int64_t inputs = 0;        ///< node-wise statistics of an architecture
  std::vector<float> statistics;  ///< [count, inputs]
  // The cell as a graph, for the transformer only.
  std::int64_t vertices = 0;            ///< of the largest cell
  std::int64_t operations = 0;          ///< kinds of operation
  std::vector<std::int64_t> operation;  ///< [count, vertices]; -1: no such vertex
  std::vector<float> adjacency;         ///< [count, vertices, vertices], from row to column
};

/// The mixer with Bayesian layers (MABN), ParZC (2024), section 3.
struct MixerShape {
  std::int64_t hidden = 256;  ///< inputs after the first layer, a multiple of `patch`
  std::int64_t patch = 16;    ///< numbers a token
  std::int64_t width = 128;   ///< of a token inside
  std::int64_t depth = 4;     ///< pairs of feed-forwards
  double dropout = 0.1;
};

/// The graph transformer that hosts the mixer; 0 vertices: none, the mixer stands alone.
struct HostShape {
  std::int64_t width = 128;
  std::int64_t layers = 4;
  std::int64_t attention = 100;     ///< width of queries, keys and values
  std::int64_t feed_forward = 338;  ///< hidden units
  std::int64_t structure = 76;      ///< hidden units of the attention by structure
  double dropout = 0.1;
};

struct RankTraining {
  std::string loss = "diffkendall";  ///< sums of diffkendall, pairwise, mse: "pairwise+diffkendall"
  double alpha = 0.5;                ///< steepness of DiffKendall
  std::int64_t epochs = 200;
  std::int64_t batch = 10;
  double learning_rate = 1e-4;
  double weight_decay = 1e-3;
  std::int64_t draws = 0;  ///< weights averaged when predicting; 0: their means
  std::uint64_t seed = 0;
};

/// A network that learns ranks from node-wise statistics. Deterministic in shapes, settings and
/// samples. `predict` is const and safe from several threads.
class RankRegressor {
 public:
  virtual ~RankRegressor() = default;

  /// `targets`: standardised. Throws Error(kUsage) when interrupted, Error(kNumeric) when the loss
  /// is not finite.
  virtual void fit(const RankSamples& samples, std::span<const double> targets,
                   const FitContext& context) = 0;
  virtual std::vector<Prediction> predict(const RankSamples& samples) const = 0;

  virtual std::vector<PredictorTensor> save() const = 0;
  /// Throws Error(kData) for tensors that do not fit.
  virtual void restore(const PredictorState& state) = 0;
};

/// On LibTorch. Sizes of the samples are those of `like`; `host`: null for the stand-alone mixer.
std::unique_ptr<RankRegressor> make_rank_regressor(const MixerShape& mixer, const HostShape* host,
                                                   const RankTraining& training,
                                                   const RankSamples& like);

/// Throws Error(kUsage) with the known names.
void check_rank_loss(const std::string& loss);

}  // namespace nas
