#include "app/significance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

constexpr std::size_t kMostExact = 50;

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

}  // namespace

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
