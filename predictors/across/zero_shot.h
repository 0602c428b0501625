#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "core/trees/boosted_trees.h"
#include "predictors/across/pairwise_net.h"
#include "predictors/across/path_features.h"
#include "predictors/across/quantile_map.h"
#include "predictors/transfer/extra_trees.h"

namespace nas {

struct ZeroShotOptions {
  std::int64_t boosting_rounds = 150;  ///< rate 0.08, 15 leaves, at least 50 samples in each
  std::int64_t trees = 60;             ///< extra-trees, at least 10 samples in a leaf
  std::int64_t epochs = 15;            ///< of the pairwise perceptron
  double macs_vote = 0.5;              ///< weight of the logarithm of the live MACs in the score
};

/// How networks of one space are spread: taken from a pool of them.
struct SpaceScale {
  double mean = 0, deviation = 1;  ///< of the logarithm of the MACs of valid networks
  static SpaceScale of(std::span<const PathFeatures> pool);
  /// In deviations from the mean, within +-4; -4 for a network whose output depends on no input.
  double log_macs(const PathFeatures& features) const;
};

/// Orders networks of a space that it has no label of, from labels of other spaces: histogram
/// gradient boosting, extra-trees and a perceptron with a pairwise hinge loss, on path features.
/// Counts stay as they are, since they mean the same in every space; the logarithm of the MACs is
/// standardised within each space; labels are ranks within each source, 0 to 1.
///   score = z(sum of z(model)) + macs_vote z(log live MACs),   z within a pool of the space
class ZeroShot {
 public:
  static constexpr std::size_t kModels = 3;
  static constexpr std::size_t kInputs = PathFeatures::kWidth + 1;

  struct Source {
    std::vector<PathFeatures> networks;
    std::vector<double> targets;  ///< larger is better
  };

  /// `who` stands before messages.
  explicit ZeroShot(std::string who);

  /// Throws Error(kUsage, "... interrupted") when a stop was requested.
  void fit(std::span<const Source> sources, const ZeroShotOptions& options,
           const FitContext& context);
  bool fitted() const { return fitted_; }
  /// Sets what scores are relative to. Requires a fit.
  void settle(std::span<const PathFeatures> pool, double macs_vote);
  /// Requires `settle`. One for each network.
  std::vector<double> score(std::span<const PathFeatures> networks) const;
  /// A score as a target, in the same order: what has this place in the pool has that place among
  /// the sources' targets. Right in its order, a guess in its level.
  double as_target(double score) const { return as_target_(score); }

  void save(std::vector<PredictorTensor>& tensors, std::string& boosted) const;
  /// Throws Error(kData) for tensors that do not fit.
  void restore(const PredictorState& state, const std::string& boosted);

 private:
  using ModelScores = std::array<std::vector<double>, kModels>;  ///< by model and network

  std::vector<double> inputs(std::span<const PathFeatures> networks, const SpaceScale& scale) const;
  ModelScores predict(std::span<const PathFeatures> networks) const;
  /// The vote of the models and of the MACs.
  std::vector<double> combined(const ModelScores& scores,
                               std::span<const PathFeatures> networks) const;
  std::vector<float> net_inputs(std::span<const double> rows) const;

  std::string who_;
  bool fitted_ = false;
  BoostedTrees booster_;
  ExtraTrees trees_;
  PairwiseNet net_;
  std::vector<double> input_mean_, input_deviation_;  ///< of the sources, for the perceptron
  SpaceScale scale_;                                  ///< of the space that is scored
  std::array<double, kModels> model_mean_{}, model_deviation_{};
  double sum_deviation_ = 1;
  double macs_vote_ = 0.5;
  QuantileMap as_target_;  ///< from the pool's scores to the sources' targets
};

}  // namespace nas
