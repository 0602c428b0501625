#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/api/problem.h"
#include "core/data/speech/trials.h"

namespace nas {

inline constexpr MetricInfo kEer{
    .name = "eer",
    .title = "EER",
    .unit = "%",
    .maximize = false,
    .meaning = "equal error rate of telling held-out recordings apart by speaker",
};
inline constexpr MetricInfo kMinDcf{
    .name = "min_dcf",
    .title = "minDCF",
    .unit = "",
    .maximize = false,
    .meaning = "least detection cost at a target probability of 0.01",
};
inline constexpr std::array kVerificationMetrics = {kEer, kMinDcf};

struct VerificationSetup {
  const RecordingStore& store;
  std::vector<std::uint32_t> recordings;    ///< by sample of the part
  std::vector<VerificationTrial> trials{};  ///< of recordings; empty: all pairs of what is judged
  /// Scores are also normalised by these training samples, the `cohort_top` nearest to each
  /// recording (AS-norm). Empty: they are not.
  std::vector<std::uint32_t> cohort{};
  std::size_t cohort_top = 300;
  bool interval = false;   ///< a 95 % bootstrap interval of the equal error rate as well
  std::uint64_t seed = 0;  ///< of the interval
};

/// Judges embeddings [N, F]. "eer" (percent), "min_dcf"; then, where asked for or possible:
/// "eer_low", "eer_high" (interval over recordings), "eer_as_norm", "min_dcf_as_norm", "trials" and
/// "accuracy" of the loss's class scores on speakers that were trained.
std::unique_ptr<Judge> judge_verification(VerificationSetup setup);

}  // namespace nas
