#include "app/simulation/significance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

constexpr std::size_t kMostExact = 50;
constexpr std::size_t kMostExactRankSum = 60;

// Twice the ranks: average ranks of ties are whole or half numbers.
std::vector<std::size_t> doubled(std::span<const double> ranks) {
  std::vector<std::size_t> result;
  for (const double rank : ranks) {
    result.push_back(static_cast<std::size_t>(std::llround(2 * rank)));
  }
  return result;
}

// P(W+ <= w) under the null hypothesis: every sign is a fair coin.
double lower_tail(const std::vector<std::size_t>& ranks, std::size_t w) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<double> probability(total + 1, 0);
  probability[0] = 1;
  std::size_t reached = 0;
  for (const std::size_t rank : ranks) {
    reached += rank;
    for (std::size_t sum = reached + 1; sum-- > 0;) {
      const double with = sum >= rank ? probability[sum - rank] : 0;
      probability[sum] = 0.5 * (probability[sum] + with);
    }
  }
  double tail = 0;
  for (std::size_t sum = 0; sum <= std::min(w, total); ++sum) tail += probability[sum];
  return tail;
}

double normal_p(std::span<const double> ranks, double w_plus) {
  // The sum of squared ranks is n (n + 1) (2n + 1) / 6 without ties, less with them.
  double total = 0, squares = 0;
  for (const double rank : ranks) {
    total += rank;
    squares += rank * rank;
  }
  const double z = (w_plus - total / 2) / std::sqrt(squares / 4);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

/// By the sum of the (doubled) ranks of `chosen` values: in how many of all choices it is that.
std::vector<double> counts_by_sum(const std::vector<std::size_t>& ranks, std::size_t chosen) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<std::vector<double>> counts(chosen + 1, std::vector<double>(total + 1, 0));
  counts[0][0] = 1;
  for (const std::size_t rank : ranks) {
    for (std::size_t k = chosen; k > 0; --k) {
      for (std::size_t sum = total; sum >= rank; --sum) counts[k][sum] += counts[k - 1][sum - rank];
    }
  }
  return counts[chosen];
}

/// P(|sum - mean| >= |that of a|) when every choice of a.size() ranks is equally likely.
double exact_rank_sum_p(std::span<const double> ranks, std::size_t size, double sum) {
  const std::vector<double> counts = counts_by_sum(doubled(ranks), size);
  const double mean = static_cast<double>(size) * static_cast<double>(ranks.size() + 1);  // doubled
  const double distance = std::abs(2 * sum - mean) - 1e-9;
  double extreme = 0, all = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    all += counts[s];
    if (std::abs(static_cast<double>(s) - mean) >= distance) extreme += counts[s];
  }
  return std::min(1.0, extreme / all);
}

double normal_rank_sum_p(std::span<const double> ranks, std::size_t size, double sum) {
  const auto n = static_cast<double>(ranks.size());
  const auto a = static_cast<double>(size);
  double squares = 0;
  for (const double rank : ranks) squares += (rank - (n + 1) / 2) * (rank - (n + 1) / 2);
  const double variance = a * (n - a) / (n * (n - 1)) * squares;
  if (variance <= 0) return 1;
  return std::erfc(std::abs(sum - a * (n + 1) / 2) / std::sqrt(2 * variance));
}

}  // namespace

RankSumTest rank_sum_test(std::span<const double> a, std::span<const double> b) {
  std::vector<double> values(a.begin(), a.end());
  values.insert(values.end(), b.begin(), b.end());
  if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    throw Error(ErrorKind::kNumeric, "rank-sum test: a value is not a number; leave it out");
  }
  RankSumTest test;
  if (a.empty() || b.empty()) return test;
  const std::vector<double> ranks = average_ranks(values);
  const auto own = ranks.begin() + static_cast<std::ptrdiff_t>(a.size());
  const double sum = std::accumulate(ranks.begin(), own, 0.0);
  const auto size = static_cast<double>(a.size());
  test.u = sum - size * (size + 1) / 2;
  test.exact = values.size() <= kMostExactRankSum;
  test.p =
      test.exact ? exact_rank_sum_p(ranks, a.size(), sum) : normal_rank_sum_p(ranks, a.size(), sum);
  return test;
}

double least_p_signed_rank(std::size_t pairs) {
  return std::min(1.0, std::ldexp(2.0, -static_cast<int>(std::min<std::size_t>(pairs, 1000))));
}

double least_p_rank_sum(std::size_t a, std::size_t b) {
  double choices = 1;
  for (std::size_t i = 1; i <= std::min(a, b) && choices < 1e30; ++i) {
    choices *= static_cast<double>(std::max(a, b) + i) / static_cast<double>(i);
  }
  return std::min(1.0, 2 / choices);
}

std::vector<bool> too_few_to_tell(std::span<const double> least) {
  std::vector<bool> result;
  for (const double p : holm(least)) result.push_back(p >= kSignificant);
  return result;
}

SignedRankTest signed_rank_test(std::span<const double> a, std::span<const double> b) {
  NAS_CHECK(a.size() == b.size(), "pairs of unequal numbers");
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = a[i] - b[i];
    if (std::isnan(difference)) {
      throw Error(ErrorKind::kNumeric, "signed-rank test: pair " + std::to_string(i) +
                                           " has no number; leave such pairs out");
    }
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    positive.push_back(difference > 0);
  }
  SignedRankTest test;
  test.pairs = sizes.size();
  if (sizes.empty()) return test;
  const std::vector<double> ranks = average_ranks(sizes);
  double w_minus = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) (positive[i] ? test.w_plus : w_minus) += ranks[i];
  test.exact = sizes.size() <= kMostExact;
  if (test.exact) {
    const double smaller = std::min(test.w_plus, w_minus);
    test.p = std::min(
        1.0, 2 * lower_tail(doubled(ranks), static_cast<std::size_t>(std::llround(2 * smaller))));
  } else {
    test.p = normal_p(ranks, test.w_plus);
  }
  return test;
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double factor = static_cast<double>(order.size() - i);
    largest = std::max(largest, std::min(1.0, factor * p_values[order[i]]));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

}  // namespace nas
