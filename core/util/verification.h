#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/util/interval.h"
#include "core/util/rng.h"

namespace nas {

// Verification asks whether two recordings come from the same speaker. Every comparison is a trial
// with a score, higher for "the same"; a threshold turns scores into answers. A miss rejects a
// target, a false alarm accepts a non-target. Rates are fractions, not percent.
//
// All functions throw Error(kNumeric) for a score that is not finite, and Error(kData) where one of
// the two kinds of trials is absent.

/// The score of one comparison; `target`: both recordings are of the same speaker.
struct ScoredTrial {
  double score = 0;
  bool target = false;
};

/// Equal error rate: the x of the ROC curve (x: false alarms, y: detections, straight lines between
/// its points, equal scores are one point) where 1 - x - y = 0. O(n log n).
double equal_error_rate(std::span<const ScoredTrial> trials);

/// What errors cost. The defaults are those of VoxCeleb's tables: EfficientTDNN, section 4.
struct DetectionCosts {
  double target_probability = 0.01;  ///< of a trial in use, in (0, 1)
  double miss = 1;
  double false_alarm = 1;
};

/// minDCF: the least of (p miss FNR + (1 - p) false_alarm FPR) over all thresholds, divided by
/// the cost of the better constant answer, min(p miss, (1 - p) false_alarm); so in [0, 1].
/// Equal scores are one threshold: the published code may split them, to its advantage.
/// NIST SRE 2016 evaluation plan, section 3. O(n log n).
double min_detection_cost(std::span<const ScoredTrial> trials, const DetectionCosts& costs = {});

/// Mean and deviation of the scores of one recording against a cohort of other speakers.
struct CohortStatistics {
  double mean = 0;
  double deviation = 0;  ///< divided by n, not n - 1
};

/// Of the `top` highest scores, or of all where there are fewer. O(n). Throws Error(kData) for an
/// empty cohort. EfficientTDNN: 300 of a cohort of 6000 training recordings.
CohortStatistics cohort_statistics(std::vector<double> scores, std::size_t top = 300);

/// Adaptive symmetric score normalisation: 0.5 ((s - mu_e) / sd_e + (s - mu_t) / sd_t), deviations
/// below 1e-8 taken as 1e-8, as in the released code. P. Matejka et al., Interspeech 2017.
double as_norm(double score, const CohortStatistics& enrol, const CohortStatistics& test);

/// The mean of the embeddings of a recording's segments, each scaled to length 1 (a zero vector
/// stays zero). `segments`: [S, dimension], row-major. Throws Error(kNumeric) for a component that
/// is not finite.
std::vector<float> mean_direction(std::span<const float> segments, std::size_t dimension);

/// The score of two recordings: the mean of the cosines of all pairs of their segments, which is
/// the product of their mean directions.
double cosine_score(std::span<const float> enrol, std::span<const float> test);

/// Who is compared in a trial, as numbers of recordings or of speakers.
struct TrialUnits {
  std::uint32_t enrol = 0;
  std::uint32_t test = 0;
};

struct BootstrapOptions {
  std::int64_t rounds = 1000;
  double level = 0.95;
};

/// Percentile bootstrap interval of the equal error rate. O(rounds n).
///
/// Trials that share a recording or a speaker are not independent, so that drawing trials gives
/// intervals that are too narrow: 300 recordings make 44,850 trials, but 300 facts. With `units`
/// the units are drawn with replacement, and a trial counts w_enrol w_test times, where w is how
/// often its unit was drawn; a trial within one unit counts w times, since a unit and its copy are
/// two speakers. Take speakers as units where there are many, recordings where there are few.
/// Without `units` trials are drawn, targets and non-targets each for themselves.
///
/// `units`: empty, or one for each trial. Throws Error(kUsage) for fewer than five distinct units,
/// rounds < 20 or a level outside (0, 1); Error(kData) where most draws lack targets or
/// non-targets.
Interval eer_interval(std::span<const ScoredTrial> trials, std::span<const TrialUnits> units,
                      const BootstrapOptions& options, const Rng& rng);

}  // namespace nas
