#include "core/util/statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/util/error.h"
#include "core/util/rng.h"

using namespace nas;

namespace {

std::vector<double> random_values(Rng& rng, std::size_t count, std::uint64_t levels) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(rng.below(levels)));
  return values;
}

std::vector<std::vector<double>> random_points(Rng& rng, std::size_t count, std::size_t dimension,
                                               std::uint64_t levels) {
  std::vector<std::vector<double>> points;
  for (std::size_t i = 0; i < count; ++i) points.push_back(random_values(rng, dimension, levels));
  return points;
}

int sign(double value) {
  return (value > 0 ? 1 : 0) - (value < 0 ? 1 : 0);
}

// The definition of tau-b over all pairs.
std::optional<double> tau_by_pairs(const std::vector<double>& x, const std::vector<double>& y) {
  double balance = 0, untied_x = 0, untied_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      balance += sign(x[i] - x[j]) * sign(y[i] - y[j]);
      untied_x += x[i] != x[j] ? 1 : 0;
      untied_y += y[i] != y[j] ? 1 : 0;
    }
  }
  if (untied_x == 0 || untied_y == 0) return std::nullopt;
  return balance / std::sqrt(untied_x * untied_y);
}

// Unit cells of the integer grid below `reference` that some point dominates.
double volume_by_cells(Points points, std::span<const double> reference) {
  const auto side = static_cast<std::size_t>(reference[0]);
  std::size_t count = 1;
  for (std::size_t d = 0; d < reference.size(); ++d) count *= side;
  double cells = 0;
  for (std::size_t cell = 0; cell < count; ++cell) {
    cells += std::any_of(points.begin(), points.end(), [&](const std::vector<double>& point) {
      std::size_t rest = cell;
      for (const double coordinate : point) {
        if (coordinate > static_cast<double>(rest % side)) return false;
        rest /= side;
      }
      return true;
    });
  }
  return cells;
}

}  // namespace

TEST_CASE("statistics: Kendall's tau-b equals the definition over all pairs, with many ties") {
  Rng rng({.seed = 11});
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = rng.below(40);
    const std::uint64_t levels = 1 + rng.below(12);
    const std::vector<double> x = random_values(rng, count, levels);
    const std::vector<double> y = random_values(rng, count, 1 + rng.below(12));
    const auto expected = tau_by_pairs(x, y);
    const auto actual = kendall_tau_b(x, y);
    REQUIRE(expected.has_value() == actual.has_value());
    if (actual) REQUIRE(*actual == doctest::Approx(*expected).epsilon(1e-12));
  }
}

TEST_CASE("statistics: Kendall's tau-b of a hundred thousand pairs is quick and right") {
  std::vector<double> x, y;
  for (int i = 0; i < 100'000; ++i) {
    x.push_back(i);
    y.push_back(-i);
  }
  CHECK(*kendall_tau_b(x, y) == -1);
  CHECK(*kendall_tau_b(x, x) == 1);
}

TEST_CASE("statistics: Spearman without ties is 1 - 6 sum d^2 / (n (n^2 - 1))") {
  Rng rng({.seed = 12});
  std::vector<double> x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  for (int round = 0; round < 20; ++round) {
    std::vector<double> y = x;
    rng.shuffle(std::span(y));
    double squares = 0;
    for (std::size_t i = 0; i < x.size(); ++i) squares += (x[i] - y[i]) * (x[i] - y[i]);
    REQUIRE(*spearman(x, y) == doctest::Approx(1 - 6 * squares / 990));
  }
  // Any monotone change leaves ranks alone, also when it overflows to infinity.
  std::vector<double> steep = x;
  steep[9] = std::numeric_limits<double>::infinity();
  CHECK(*spearman(x, steep) == doctest::Approx(1));
}

TEST_CASE("statistics: average ranks share ties") {
  const std::vector<double> values = {30, 10, 20, 10, 10};
  CHECK(average_ranks(values) == std::vector<double>{5, 2, 4, 2, 2});
}

TEST_CASE("statistics: correlations are absent for constants and single pairs, and refuse NaN") {
  const std::vector<double> constant = {0.1, 0.1, 0.1};
  const std::vector<double> rising = {1, 2, 3};
  const std::vector<double> one = {1};
  for (auto* correlation : {&pearson, &spearman, &kendall_tau_b}) {
    CHECK_FALSE(correlation(constant, rising).has_value());
    CHECK_FALSE(correlation(rising, constant).has_value());
    CHECK_FALSE(correlation(one, one).has_value());
    CHECK_FALSE(correlation({}, {}).has_value());
    CHECK(*correlation(rising, rising) == doctest::Approx(1));
    const std::vector<double> broken = {1, std::nan(""), 3};
    CHECK_THROWS_AS(correlation(rising, broken), Error);
  }
  const std::vector<double> falling = {7, 5, 3};
  CHECK(*pearson(rising, falling) == doctest::Approx(-1));
}

TEST_CASE("Pearson correlation of numbers whose squares overflow") {
  const std::vector<double> small = {1, 2, 3, 5}, other = {2, 1, 4, 8};
  std::vector<double> huge = small;
  for (double& value : huge) value *= 3e300;
  CHECK(*pearson(huge, other) == doctest::Approx(*pearson(small, other)).epsilon(1e-12));
  huge.back() = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(pearson(huge, other), Error);
}

TEST_CASE("statistics: NDCG of a worked example") {
  // Ranked by score: relevance 3, 0, 2. DCG = 7/1 + 0 + 3/2; ideal 3, 2, 0: 7/1 + 3/log2(3).
  const std::vector<double> relevance = {0, 2, 3};
  const std::vector<double> score = {0.5, 0.1, 0.9};
  CHECK(ndcg(relevance, score, 3) == doctest::Approx(8.5 / (7 + 3 / std::log2(3.0))));
  CHECK(ndcg(relevance, score, 1) == doctest::Approx(1));
  CHECK(ndcg(relevance, relevance, 99) == doctest::Approx(1));
  const std::vector<double> zeros = {0, 0, 0};
  CHECK(ndcg(zeros, score, 3) == 0);
  const std::vector<double> negative = {-1, 0, 0};
  CHECK_THROWS_AS(ndcg(negative, score, 3), Error);
}

TEST_CASE("statistics: mean, deviation and quantiles of small samples") {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  CHECK(mean(values) == 5);
  CHECK(sample_deviation(values) == doctest::Approx(std::sqrt(32.0 / 7)));
  const std::vector<double> one = {3};
  CHECK(sample_deviation(one) == 0);
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 2, 3}) == 2.5);
  CHECK(quantile({1, 2, 3, 4}, 0.25) == 1.75);  // type 7
  CHECK(quantile({1, 2, 3, 4}, 0) == 1);
  CHECK(quantile({1, 2, 3, 4}, 1) == 4);
}

TEST_CASE("statistics: the Pareto front is what no other point dominates, in 1 to 4 dimensions") {
  Rng rng({.seed = 13});
  for (int round = 0; round < 200; ++round) {
    const std::size_t dimension = 1 + rng.below(4);
    const auto points = random_points(rng, rng.below(30), dimension, 2 + rng.below(10));
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool beaten = std::any_of(points.begin(), points.end(), [&](const auto& other) {
        bool no_worse = true;
        for (std::size_t d = 0; d < dimension; ++d) no_worse &= other[d] <= points[i][d];
        return no_worse && other != points[i];
      });
      if (!beaten) expected.push_back(i);
    }
    REQUIRE(pareto_front(points) == expected);
  }
}

TEST_CASE("statistics: a Pareto front with infinite coordinates") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<std::vector<double>> points = {{1, inf}, {0, inf}, {2, 5}, {3, inf}};
  CHECK(pareto_front(points) == std::vector<std::size_t>{1, 2});
  const std::vector<std::vector<double>> broken = {{1, std::nan("")}};
  CHECK_THROWS_AS(pareto_front(broken), Error);
}

TEST_CASE("statistics: the hypervolume counts the dominated cells of an integer grid") {
  Rng rng({.seed = 14});
  for (int round = 0; round < 200; ++round) {
    const std::size_t dimension = 2 + rng.below(3);
    const std::vector<double> reference(dimension, 8.0);
    const auto points = random_points(rng, rng.below(12), dimension, 11);  // some lie outside
    REQUIRE(hypervolume(points, reference) == volume_by_cells(points, reference));
  }
}

TEST_CASE("statistics: a hypervolume of one dimension is refused") {
  const std::vector<std::vector<double>> points = {{1}};
  const std::vector<double> reference = {2};
  CHECK_THROWS_AS(hypervolume(points, reference), Error);
}
