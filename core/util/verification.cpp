#include "core/util/verification.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <string>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

constexpr std::size_t kFewestUnits = 5;
constexpr double kLeastDeviation = 1e-8;

/// Trials of one score, with how often each kind counts.
struct Step {
  double targets = 0;
  double others = 0;
};

/// The trials in descending order of score; a trial's place in it is its rank.
class RankedTrials {
 public:
  explicit RankedTrials(std::span<const ScoredTrial> trials) {
    std::size_t targets = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      if (!std::isfinite(trials[i].score)) {
        throw Error(ErrorKind::kNumeric, "the score of trial " + std::to_string(i + 1) + " of " +
                                             std::to_string(trials.size()) + " is not finite");
      }
      targets += trials[i].target ? 1 : 0;
    }
    require_both(targets, trials.size() - targets);
    order_.resize(trials.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return trials[a].score > trials[b].score;
    });
    for (const std::size_t trial : order_) ranked_.push_back(trials[trial]);
    cut_into_blocks();
  }

  /// Trials by rank.
  std::span<const std::size_t> order() const { return order_; }

  /// Whole steps, about kBlock trials each: a pair of ranks, the second is past the end.
  using Block = std::pair<std::size_t, std::size_t>;
  std::span<const Block> blocks() const { return blocks_; }

  template <class Weight>
  Step sum(const Block& block, const Weight& weight) const {
    double all = 0;
    double targets = 0;
    for (std::size_t rank = block.first; rank < block.second; ++rank) {
      const double counts = weight(rank);
      all += counts;
      targets += ranked_[rank].target ? counts : 0;
    }
    return {targets, all - targets};  // weights are whole numbers
  }

  /// Calls `visit` once for each distinct score of the block, the highest first.
  template <class Weight, class Visit>
  void for_each_step(const Block& block, const Weight& weight, Visit visit) const {
    for (std::size_t rank = block.first; rank < block.second;) {
      const double score = ranked_[rank].score;
      Step step;
      for (; rank < block.second && ranked_[rank].score == score; ++rank) {
        (ranked_[rank].target ? step.targets : step.others) += weight(rank);
      }
      visit(step);
    }
  }

 private:
  static constexpr std::size_t kBlock = 1024;

  static void require_both(std::size_t targets, std::size_t others) {
    if (targets > 0 && others > 0) return;
    throw Error(ErrorKind::kData,
                "verification needs trials of the same and of different speakers; there are " +
                    std::to_string(targets) + " of the same and " + std::to_string(others) +
                    " of different ones");
  }

  void cut_into_blocks() {
    for (std::size_t begin = 0; begin < ranked_.size();) {
      std::size_t end = std::min(begin + kBlock, ranked_.size());
      while (end < ranked_.size() && ranked_[end].score == ranked_[end - 1].score) ++end;
      blocks_.emplace_back(begin, end);
      begin = end;
    }
  }

  std::vector<std::size_t> order_;
  std::vector<ScoredTrial> ranked_;
  std::vector<Block> blocks_;
};

double one(std::size_t) {
  return 1;
}

/// `weight`: how often the trial of a rank counts. nullopt where the weights leave one kind of
/// trials out.
template <class Weight>
std::optional<double> weighted_eer(const RankedTrials& ranked, const Weight& weight) {
  const auto blocks = ranked.blocks();
  std::vector<Step> sums;
  Step all;
  for (const RankedTrials::Block& block : blocks) {
    sums.push_back(ranked.sum(block, weight));
    all.targets += sums.back().targets;
    all.others += sums.back().others;
  }
  if (all.targets <= 0 || all.others <= 0) return std::nullopt;
  // 1 - x - y falls with every step: the block in whose steps it reaches 0 is looked at closely.
  const auto height_at = [&](const Step& accepted) {
    return 1 - accepted.others / all.others - accepted.targets / all.targets;
  };
  Step accepted;
  std::size_t at = 0;
  for (; at + 1 < blocks.size(); ++at) {
    const Step next{accepted.targets + sums[at].targets, accepted.others + sums[at].others};
    if (height_at(next) <= 0) break;
    accepted = next;
  }
  std::optional<double> root;
  double x = accepted.others / all.others;
  double height = height_at(accepted);  // of the point before
  ranked.for_each_step(blocks[at], weight, [&](const Step& step) {
    if (root) return;
    accepted.targets += step.targets;
    accepted.others += step.others;
    const double next_x = accepted.others / all.others;
    const double next_height = height_at(accepted);
    if (next_height <= 0) root = x + height / (height - next_height) * (next_x - x);
    x = next_x;
    height = next_height;
  });
  return root;
}

/// Draws trials with replacement, as many targets and non-targets as there are.
class TrialSampler {
 public:
  TrialSampler(std::span<const ScoredTrial> trials, std::span<const std::size_t> order)
      : counts_(trials.size()) {
    std::vector<std::size_t> ranks(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      (trials[i].target ? targets_ : others_).push_back(ranks[i]);
    }
  }

  void draw(Rng& rng) {
    std::ranges::fill(counts_, 0.0);
    for (const auto* kind : {&targets_, &others_}) {
      for (std::size_t i = 0; i < kind->size(); ++i) counts_[(*kind)[rng.below(kind->size())]] += 1;
    }
  }
  double weight(std::size_t rank) const { return counts_[rank]; }

 private:
  std::vector<double> counts_;        ///< by rank
  std::vector<std::size_t> targets_;  ///< their ranks
  std::vector<std::size_t> others_;
};

/// Draws units with replacement.
class UnitSampler {
 public:
  UnitSampler(std::span<const TrialUnits> units, std::span<const std::size_t> order) {
    std::map<std::uint32_t, std::uint32_t> places;
    for (const TrialUnits& trial : units) {
      places.emplace(trial.enrol, 0);
      places.emplace(trial.test, 0);
    }
    std::uint32_t count = 0;
    for (auto& [unit, place] : places) place = count++;
    counts_.resize(count);
    for (const std::size_t trial : order) {
      trials_.push_back({places[units[trial].enrol], places[units[trial].test]});
    }
    if (count < kFewestUnits) {
      throw Error(ErrorKind::kUsage,
                  "a bootstrap over " + std::to_string(count) + " units says nothing, at least " +
                      std::to_string(kFewestUnits) +
                      " are needed; draw recordings instead of speakers, or trials");
    }
  }

  void draw(Rng& rng) {
    std::ranges::fill(counts_, 0.0);
    const auto count = static_cast<std::uint32_t>(counts_.size());
    for (std::uint32_t i = 0; i < count; ++i) counts_[rng.below(count)] += 1;
  }
  double weight(std::size_t rank) const {
    const TrialUnits& trial = trials_[rank];
    const double enrol = counts_[trial.enrol];
    return trial.enrol == trial.test ? enrol : enrol * counts_[trial.test];
  }

 private:
  std::vector<double> counts_;      ///< by unit
  std::vector<TrialUnits> trials_;  ///< by rank
};

template <class Sampler>
std::vector<double> bootstrap(const RankedTrials& ranked, Sampler sampler, std::int64_t rounds,
                              const Rng& rng) {
  std::vector<double> rates;
  for (std::int64_t round = 0; round < rounds; ++round) {
    Rng stream = rng.stream(static_cast<std::uint64_t>(round));
    sampler.draw(stream);
    const auto rate = weighted_eer(ranked, [&](std::size_t rank) { return sampler.weight(rank); });
    if (rate) rates.push_back(*rate);
  }
  if (2 * rates.size() < static_cast<std::size_t>(rounds)) {
    throw Error(ErrorKind::kData,
                "most draws of the bootstrap have no trials of the same, or none of different "
                "speakers; draw recordings instead of speakers, or trials");
  }
  return rates;
}

void check_options(const BootstrapOptions& options) {
  if (options.rounds < 20) {
    throw Error(ErrorKind::kUsage,
                "rounds = " + std::to_string(options.rounds) + ", must be >= 20");
  }
  if (!(options.level > 0 && options.level < 1)) {
    throw Error(ErrorKind::kUsage,
                "level = " + std::to_string(options.level) + ", must be in (0, 1)");
  }
}

}  // namespace

double equal_error_rate(std::span<const ScoredTrial> trials) {
  const auto rate = weighted_eer(RankedTrials(trials), one);
  NAS_CHECK(rate.has_value(), "the curve ends at (1, 1)");
  return *rate;
}

double min_detection_cost(std::span<const ScoredTrial> trials, const DetectionCosts& costs) {
  const double p = costs.target_probability;
  if (!(p > 0 && p < 1) || !(costs.miss > 0) || !(costs.false_alarm > 0)) {
    throw Error(ErrorKind::kUsage,
                "detection costs: the probability must be in (0, 1) and both costs positive");
  }
  Step all;
  for (const ScoredTrial& trial : trials) (trial.target ? all.targets : all.others) += 1;
  const double miss = p * costs.miss;
  const double false_alarm = (1 - p) * costs.false_alarm;
  double least = miss;  // nothing is accepted
  Step accepted;
  const RankedTrials ranked(trials);
  ranked.for_each_step({0, trials.size()}, one, [&](const Step& step) {
    accepted.targets += step.targets;
    accepted.others += step.others;
    const double fnr = (all.targets - accepted.targets) / all.targets;
    const double fpr = accepted.others / all.others;
    least = std::min(least, miss * fnr + false_alarm * fpr);
  });
  return least / std::min(miss, false_alarm);
}

CohortStatistics cohort_statistics(std::vector<double> scores, std::size_t top) {
  if (scores.empty() || top == 0) {
    throw Error(ErrorKind::kData, "the cohort of the score normalisation is empty");
  }
  for (const double score : scores) {
    if (!std::isfinite(score)) {
      throw Error(ErrorKind::kNumeric, "a score against the cohort is not finite");
    }
  }
  if (scores.size() > top) {
    const auto end = scores.begin() + static_cast<std::ptrdiff_t>(top);
    std::nth_element(scores.begin(), end, scores.end(), std::greater<>());
    scores.erase(end, scores.end());
  }
  // The order that nth_element leaves is the library's own: sums must not depend on it.
  std::sort(scores.begin(), scores.end());
  const double centre = mean(scores);
  double squares = 0;
  for (const double score : scores) squares += (score - centre) * (score - centre);
  return {centre, std::sqrt(squares / static_cast<double>(scores.size()))};
}

double as_norm(double score, const CohortStatistics& enrol, const CohortStatistics& test) {
  const auto standardised = [score](const CohortStatistics& cohort) {
    return (score - cohort.mean) / std::max(cohort.deviation, kLeastDeviation);
  };
  return 0.5 * (standardised(enrol) + standardised(test));
}

std::vector<float> mean_direction(std::span<const float> segments, std::size_t dimension) {
  NAS_CHECK(dimension > 0 && !segments.empty() && segments.size() % dimension == 0,
            "segments are rows of one dimension");
  std::vector<double> sum(dimension, 0.0);
  for (std::size_t at = 0; at < segments.size(); at += dimension) {
    const auto row = segments.subspan(at, dimension);
    double squares = 0;
    for (const float value : row) squares += static_cast<double>(value) * value;
    if (!std::isfinite(squares)) {
      throw Error(ErrorKind::kNumeric, "an embedding has a component that is not finite");
    }
    if (squares == 0) continue;
    const double scale = 1 / std::sqrt(squares);
    for (std::size_t i = 0; i < dimension; ++i) sum[i] += scale * row[i];
  }
  const auto rows = static_cast<double>(segments.size() / dimension);
  std::vector<float> result;
  for (const double value : sum) result.push_back(static_cast<float>(value / rows));
  return result;
}

double cosine_score(std::span<const float> enrol, std::span<const float> test) {
  NAS_CHECK(enrol.size() == test.size(), "embeddings of one dimension");
  double sum = 0;
  for (std::size_t i = 0; i < enrol.size(); ++i) sum += static_cast<double>(enrol[i]) * test[i];
  return sum;
}

Interval eer_interval(std::span<const ScoredTrial> trials, std::span<const TrialUnits> units,
                      const BootstrapOptions& options, const Rng& rng) {
  check_options(options);
  NAS_CHECK(units.empty() || units.size() == trials.size(), "one pair of units for each trial");
  const RankedTrials ranked(trials);
  const auto order = ranked.order();
  std::vector<double> rates =
      units.empty() ? bootstrap(ranked, TrialSampler(trials, order), options.rounds, rng)
                    : bootstrap(ranked, UnitSampler(units, order), options.rounds, rng);
  const double tail = (1 - options.level) / 2;
  return {quantile(rates, tail), quantile(rates, 1 - tail)};
}

}  // namespace nas
