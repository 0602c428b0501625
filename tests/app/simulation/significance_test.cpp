#include "app/simulation/significance.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/error.h"
#include "core/util/rng.h"

using namespace nas;

namespace {

// The two-sided p-value by all 2^n signs.
double p_by_enumeration(const std::vector<double>& ranks, double w_plus) {
  double total = 0;
  for (const double rank : ranks) total += rank;
  const double extreme = std::min(w_plus, total - w_plus);
  std::size_t as_extreme = 0;
  const std::size_t all = std::size_t{1} << ranks.size();
  for (std::size_t signs = 0; signs < all; ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) sum += (signs >> i & 1U) != 0 ? ranks[i] : 0;
    if (sum <= extreme + 1e-9) ++as_extreme;
  }
  return std::min(1.0, 2.0 * static_cast<double>(as_extreme) / static_cast<double>(all));
}

}  // namespace

// Wilcoxon (1945) gives the pairs of Darwin's maize plants: W- = 24 of 15 pairs; the exact
// two-sided p-value is 0.0413 (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods).
TEST_CASE("signed-rank test: Darwin's maize") {
  const std::vector<double> differences = {49, -67, 8,  16, 6,  23, 28, 41,
                                           14, 29,  56, 24, 75, 60, -48};
  const std::vector<double> zeros(differences.size(), 0);
  const SignedRankTest test = signed_rank_test(differences, zeros);
  CHECK(test.pairs == 15);
  CHECK(test.w_plus == 96);
  CHECK(test.exact);
  CHECK(test.p == doctest::Approx(0.0413).epsilon(0.002));
}

TEST_CASE("signed-rank test: exact p-values equal enumeration, also with ties and zeros") {
  Rng rng({.seed = 1, .study = 0, .trial = 0, .purpose = Purpose::kTest});
  for (int round = 0; round < 50; ++round) {
    std::vector<double> a, b;
    for (int i = 0; i < 9; ++i) {
      a.push_back(static_cast<double>(rng.below(5)));
      b.push_back(static_cast<double>(rng.below(5)));
    }
    const SignedRankTest test = signed_rank_test(a, b);
    std::vector<double> sizes, ranks;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) sizes.push_back(std::abs(a[i] - b[i]));
    }
    double w_plus = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i]) continue;
      double below = 0, equal = 0;
      for (const double size : sizes) {
        below += size < sizes[at] ? 1 : 0;
        equal += size == sizes[at] ? 1 : 0;
      }
      ranks.push_back(below + (equal + 1) / 2);
      if (a[i] > b[i]) w_plus += ranks.back();
      ++at;
    }
    CHECK(test.pairs == sizes.size());
    CHECK(test.w_plus == doctest::Approx(w_plus));
    CHECK(test.p == doctest::Approx(p_by_enumeration(ranks, w_plus)));
  }
}

TEST_CASE("signed-rank test: the normal approximation meets the exact one where it takes over") {
  Rng rng({.seed = 2, .study = 0, .trial = 0, .purpose = Purpose::kTest});
  for (int round = 0; round < 20; ++round) {
    std::vector<double> a, b;
    for (int i = 0; i < 50; ++i) {
      a.push_back(rng.normal() + 0.2);
      b.push_back(rng.normal());
    }
    const SignedRankTest exact = signed_rank_test(a, b);
    a.push_back(b.emplace_back(0.0) + 1e-12);  // one more pair of the lowest rank
    const SignedRankTest normal = signed_rank_test(a, b);
    REQUIRE(exact.exact);
    REQUIRE_FALSE(normal.exact);
    CHECK(normal.p == doctest::Approx(exact.p).epsilon(0.25));
    CHECK(std::abs(normal.p - exact.p) < 0.03);
  }
}

TEST_CASE("signed-rank test: equal samples prove nothing, NaN is refused") {
  const std::vector<double> a = {1, 2, 3};
  CHECK(signed_rank_test(a, a).p == 1);
  CHECK(signed_rank_test(a, a).pairs == 0);
  const std::vector<double> bad = {1, std::nan(""), 3};
  CHECK_THROWS_AS(signed_rank_test(a, bad), Error);
}

// Holm (1979): p = .01, .04, .03, .005 of four tests give .03, .06, .06, .02.
TEST_CASE("holm: step-down, never decreasing, never above one") {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(adjusted[i] == doctest::Approx(expected[i]));
  const std::vector<double> large = {0.6, 0.9};
  CHECK(holm(large) == std::vector<double>{1.0, 1.0});
  CHECK(holm({}).empty());
}

// The two-sided p-value by all choices of a.size() among all values.
TEST_CASE("rank-sum test: exact p-values equal enumeration, also with ties") {
  Rng rng({.seed = 2, .study = 0, .trial = 0, .purpose = Purpose::kTest});
  for (int round = 0; round < 30; ++round) {
    std::vector<double> all;
    const std::size_t first = 3 + static_cast<std::size_t>(rng.below(3));
    for (std::size_t i = 0; i < 9; ++i) all.push_back(static_cast<double>(rng.below(6)));
    const std::vector<double> a(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
    const std::vector<double> b(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
    const auto u_of = [&](std::size_t chosen) {
      double u = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < all.size(); ++j) {
          if ((chosen >> i & 1U) == 0 || (chosen >> j & 1U) != 0) continue;
          u += all[i] > all[j] ? 1 : all[i] == all[j] ? 0.5 : 0;
        }
      }
      return u;
    };
    const double middle = static_cast<double>(a.size() * b.size()) / 2;
    const double own = u_of((std::size_t{1} << first) - 1);
    double extreme = 0, choices = 0;
    for (std::size_t chosen = 0; chosen < std::size_t{1} << all.size(); ++chosen) {
      if (static_cast<std::size_t>(__builtin_popcountll(chosen)) != first) continue;
      choices += 1;
      if (std::abs(u_of(chosen) - middle) >= std::abs(own - middle) - 1e-9) extreme += 1;
    }
    const RankSumTest test = rank_sum_test(a, b);
    CHECK(test.exact);
    CHECK(test.u == doctest::Approx(own));
    CHECK(test.p == doctest::Approx(extreme / choices));
  }
  CHECK(rank_sum_test({}, std::vector<double>{1.0}).p == 1);
}

TEST_CASE("rank-sum test: many values by the normal approximation, near the exact one") {
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) {
    a.push_back(i);
    b.push_back(i + 6.5);
  }
  const double exact = rank_sum_test(a, b).p;
  CHECK(rank_sum_test(a, b).exact);
  a.push_back(14.2);
  const RankSumTest normal = rank_sum_test(a, b);
  CHECK_FALSE(normal.exact);
  CHECK(normal.p == doctest::Approx(exact).epsilon(0.2));
}

TEST_CASE("a test that cannot become significant is known before its outcome") {
  // The clearest outcomes there are.
  const std::vector<double> low = {1, 2, 3, 4}, high = {5, 6, 7, 8};
  CHECK(rank_sum_test(low, high).p == doctest::Approx(least_p_rank_sum(4, 4)));
  CHECK(signed_rank_test(low, high).p == doctest::Approx(least_p_signed_rank(4)));
  CHECK(least_p_rank_sum(4, 4) == doctest::Approx(2.0 / 70));
  CHECK(least_p_signed_rank(5) == doctest::Approx(0.0625));
  CHECK(least_p_signed_rank(500) < 1e-100);
  CHECK(least_p_rank_sum(0, 5) == 1);
  const std::vector<double> one = {least_p_rank_sum(4, 4)};
  CHECK_FALSE(too_few_to_tell(one)[0]);
  const std::vector<double> three = {one[0], one[0], least_p_rank_sum(9, 9)};
  CHECK(too_few_to_tell(three) == std::vector<bool>{true, true, false});
}
