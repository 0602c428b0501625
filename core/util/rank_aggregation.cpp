#include "core/util/rank_aggregation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

std::size_t items_of(std::span<const double> scores, std::size_t count) {
  if (count == 0 || scores.size() % count != 0) {
    throw Error(ErrorKind::kNumeric, "rank aggregation: " + std::to_string(scores.size()) +
                                         " scores are not a table of " + std::to_string(count) +
                                         " columns");
  }
  if (std::any_of(scores.begin(), scores.end(), [](double score) { return std::isnan(score); })) {
    throw Error(ErrorKind::kNumeric, "rank aggregation: a score is missing (nan)");
  }
  return scores.size() / count;
}

std::vector<double> column_ranks(std::span<const double> scores, std::size_t count,
                                 std::size_t column) {
  std::vector<double> values(scores.size() / count);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = scores[i * count + column];
  return average_ranks(values);
}

/// Pairs of equal neighbours in runs of `sorted`, n (n - 1) / 2 for a run of n.
template <class Item>
double tied_pairs(const std::vector<Item>& sorted) {
  double pairs = 0;
  double run = 1;
  for (std::size_t i = 1; i <= sorted.size(); ++i) {
    if (i < sorted.size() && sorted[i] == sorted[i - 1]) {
      ++run;
      continue;
    }
    pairs += run * (run - 1) / 2;
    run = 1;
  }
  return pairs;
}

double tied_pairs(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return tied_pairs(sorted);
}

}  // namespace

std::vector<double> majority_wins(std::span<const double> scores, std::size_t count) {
  const std::size_t items = items_of(scores, count);
  std::vector<double> wins(items, 0);
  for (std::size_t a = 0; a < items; ++a) {
    for (std::size_t b = a + 1; b < items; ++b) {
      int votes = 0;
      for (std::size_t k = 0; k < count; ++k) {
        const double left = scores[a * count + k];
        const double right = scores[b * count + k];
        votes += static_cast<int>(left > right) - static_cast<int>(left < right);
      }
      wins[a] += votes > 0 ? 1 : votes == 0 ? 0.5 : 0;
      wins[b] += votes < 0 ? 1 : votes == 0 ? 0.5 : 0;
    }
  }
  return wins;
}

std::vector<double> borda(std::span<const double> scores, std::size_t count) {
  std::vector<double> sums(items_of(scores, count), 0);
  for (std::size_t k = 0; k < count; ++k) {
    const std::vector<double> ranks = column_ranks(scores, count, k);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += ranks[i];
  }
  return sums;
}

std::vector<double> log_rank_sum(std::span<const double> scores, std::size_t count) {
  std::vector<double> sums(items_of(scores, count), 0);
  for (std::size_t k = 0; k < count; ++k) {
    const std::vector<double> ranks = column_ranks(scores, count, k);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += std::log(ranks[i] / static_cast<double>(sums.size()));
    }
  }
  return sums;
}

std::optional<double> pair_accuracy(std::span<const double> truth, std::span<const double> score) {
  const auto n = static_cast<double>(truth.size());
  const double all = n * (n - 1) / 2;
  const double truth_ties = tied_pairs(truth);
  if (all == truth_ties) return std::nullopt;
  const double score_ties = tied_pairs(score);
  if (all == score_ties) return 0.5;
  std::vector<std::pair<double, double>> both(truth.size());
  for (std::size_t i = 0; i < both.size(); ++i) both[i] = {truth[i], score[i]};
  std::sort(both.begin(), both.end());
  const double joint_ties = tied_pairs(both);
  // tau-b = (C - D) / sqrt((all - truth ties)(all - score ties)), and C + D follows from the ties.
  const double difference =
      kendall_tau_b(truth, score).value() * std::sqrt((all - truth_ties) * (all - score_ties));
  const double sum = all - truth_ties - score_ties + joint_ties;
  const double concordant = (sum + difference) / 2;
  return (concordant + (score_ties - joint_ties) / 2) / (all - truth_ties);
}

}  // namespace nas
