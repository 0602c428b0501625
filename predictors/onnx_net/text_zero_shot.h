#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/across/zero_shot.h"
#include "predictors/onnx_net/text_facts.h"
#include "predictors/onnx_net/training.h"
#include "predictors/state.h"

namespace nas {

/// A space whose networks have labels.
struct TextSource {
  std::vector<TextSubject> networks;
  std::vector<double> targets;  ///< larger is better
};

struct TextZeroShotOptions {
  TextEncoderShape shape;
  std::size_t networks = 5;
  double macs_vote = 1;
};

/// Orders networks of a space that it has no label of, from labelled texts of others: encoders from
/// different random weights, since equally good ones differ in another space, and a vote of the
/// MACs, as `across` has it. Beside the score encoders learn to tell facts (text_facts.h), of the
/// space without labels too:
///   score = z(sum of z(encoder)) + macs_vote z(log live MACs),   z within a pool of the space
class TextZeroShot {
 public:
  /// `each` is told the epochs that are over, of all networks together, and may throw.
  /// `pool`: networks of the space that is asked about; may be empty.
  void fit(std::span<const TextSource> sources, std::span<const TextSubject> pool,
           const TextZeroShotOptions& options, const TextTraining& training, Rng rng,
           const std::function<void(std::size_t epoch)>& each);
  bool fitted() const { return !nets_.empty(); }
  /// Sets what scores are relative to; not empty. Requires a fit.
  void settle(std::span<const TextSubject> pool, double macs_vote);
  /// Requires `settle`. A network whose output depends on no input is last.
  std::vector<double> score(std::span<const TextSubject> networks) const;
  /// The same in two steps: what the texts say, and that with the vote of the MACs.
  std::vector<double> text_scores(std::span<const TextSubject> networks) const;
  std::vector<double> with_macs(std::vector<double> text_scores,
                                std::span<const TextSubject> networks) const;
  /// A score in the unit of the sources' targets: right in its order, a guess in its level.
  double as_target(double score) const { return level_.out(score); }
  /// What few labels are learned on. Requires a fit.
  const TextEncoder& encoder() const { return nets_.front(); }

  void save(std::vector<PredictorTensor>& tensors) const;
  /// Throws Error(kData) for tensors that do not fit.
  void restore(const PredictorState& state, const TextZeroShotOptions& options);

 private:
  std::vector<double> sums(std::span<const TextSubject> networks) const;

  std::vector<TextEncoder> nets_;
  double macs_vote_ = 0;
  // Of the pool; of the sources' targets.
  std::vector<TargetScale> scales_;
  TargetScale sum_scale_;
  SpaceScale macs_scale_;
  TargetScale level_;
};

}  // namespace nas
