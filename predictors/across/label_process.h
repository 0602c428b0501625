#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/api/transfer_predictor.h"
#include "predictors/transfer/evidence_gp.h"

namespace nas {

/// What a space's own labels add to what other spaces say: Gaussian processes over the zero-shot
/// score, the path features and the choices, weighted by evidence (EvidenceGp). Before any label
/// each part that the score may have in the covariance is equally likely. Accuracies have a
/// long tail of failures, so two processes learn two views of them, the normal score of the rank
/// and
///   -log(min(error, 2.5 median error)),   error = 100 - accuracy,
/// and the mean of their standardised predictions is read back as a target. Const methods are safe
/// from several threads.
class LabelProcess {
 public:
  /// Blocks of the rows.
  enum Block : std::size_t { kScore, kFeatures, kChoices, kBlocks };

  /// `varying`: by block, how many columns are not constant in the space; 0 leaves a block out.
  explicit LabelProcess(const std::vector<std::size_t>& varying);

  /// Requires at least two targets that are not all equal.
  void condition(BlockRows samples, std::span<const double> targets);
  std::vector<Forecast> forecast(const BlockRows& queries) const;
  std::vector<Forecast> leave_one_out() const;
  /// By name of a hypothesis its part of the evidence, the mean of both views; largest first.
  std::vector<std::pair<std::string, double>> evidence() const;
  /// Part of the covariance that is the zero-shot score's.
  double score_part() const;

  const BlockRows& samples() const { return ranks_->samples(); }
  std::span<const double> targets() const { return targets_; }

  static std::vector<KernelPart> parts(const std::vector<std::size_t>& varying);
  /// The kernel that chooses what to train: mostly structure, since the score is known already.
  static KernelVariant design(const std::vector<std::size_t>& varying);

 private:
  std::vector<Forecast> combine(const std::vector<Forecast>& ranks,
                                const std::vector<Forecast>& errors) const;
  double target_at(double z) const;

  std::vector<std::size_t> varying_;
  std::vector<KernelVariant> variants_;
  std::optional<EvidenceGp> ranks_, errors_;
  std::vector<double> targets_;
  double rank_mean_ = 0, rank_deviation_ = 1, error_mean_ = 0, error_deviation_ = 1;
  double bound_ = 100;                   ///< error = bound - target
  std::vector<double> knots_, heights_;  ///< mean of both views, and -log(error) there
  double slope_ = 1;                     ///< of the heights by the knots, beyond both ends
};

}  // namespace nas
