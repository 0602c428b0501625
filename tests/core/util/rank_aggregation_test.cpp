#include "core/util/rank_aggregation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/statistics.h"

namespace nas::test {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> few_values(Rng& rng, std::size_t count, std::uint64_t distinct) {
  std::vector<double> values(count);
  for (double& value : values) value = static_cast<double>(rng.below(distinct));
  return values;
}

}  // namespace

TEST_CASE("the majority of three scores decides each pair") {
  // a beats b by two of three, b beats c by all, a and c are drawn (one each, one tie).
  const std::vector<double> scores = {3, 1, 5,  //
                                      2, 2, 4,  //
                                      1, 1, 3};
  // a-b: +,-,+ -> a. b-c: +,+,+ -> b. a-c: +,0,+ -> a.
  CHECK(majority_wins(scores, 3) == std::vector<double>{2, 1, 0});
  const std::vector<double> drawn = {1, 2, 2, 1};
  CHECK(majority_wins(drawn, 2) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("a Condorcet cycle is a draw for the vote, and every win is somebody's loss") {
  const std::vector<double> cycle = {3, 1, 2, 2, 3, 1, 1, 2, 3};
  CHECK(majority_wins(cycle, 3) == std::vector<double>{1, 1, 1});
  Rng rng({.seed = 1});
  const std::vector<double> scores = few_values(rng, 40 * 3, 5);
  const std::vector<double> wins = majority_wins(scores, 3);
  CHECK(std::accumulate(wins.begin(), wins.end(), 0.0) == 40 * 39 / 2.0);
}

TEST_CASE("Borda adds average ranks and AZ-NAS adds their logarithms") {
  const std::vector<double> scores = {10, -kInfinity, 20, 5, 20, 5};
  CHECK(borda(scores, 2) == std::vector<double>{1 + 1, 2.5 + 2.5, 2.5 + 2.5});
  const std::vector<double> sums = log_rank_sum(scores, 2);
  CHECK(sums[0] == doctest::Approx(2 * std::log(1.0 / 3)));
  CHECK(sums[1] == doctest::Approx(2 * std::log(2.5 / 3)));
  CHECK_THROWS_AS(borda(scores, 4), Error);
  CHECK_THROWS_AS(borda(std::vector<double>{std::nan("")}, 1), Error);
}

TEST_CASE("pair accuracy equals counting the pairs, ties and infinities included") {
  Rng rng({.seed = 5});
  for (int round = 0; round < 20; ++round) {
    const std::vector<double> truth = few_values(rng, 60, 2 + rng.below(50));
    std::vector<double> score = few_values(rng, 60, 2 + rng.below(50));
    score[3] = -kInfinity;
    score[4] = -kInfinity;
    double pairs = 0, right = 0;
    for (std::size_t a = 0; a < truth.size(); ++a) {
      for (std::size_t b = 0; b < truth.size(); ++b) {
        if (truth[a] <= truth[b]) continue;
        ++pairs;
        right += score[a] > score[b] ? 1 : score[a] == score[b] ? 0.5 : 0;
      }
    }
    CHECK(pair_accuracy(truth, score).value() == doctest::Approx(right / pairs).epsilon(1e-12));
  }
  const std::vector<double> constant(5, 1.0);
  const std::vector<double> rising = {1, 2, 3, 4, 5};
  CHECK_FALSE(pair_accuracy(constant, rising).has_value());
  CHECK(pair_accuracy(rising, constant) == 0.5);
  CHECK(pair_accuracy(rising, rising) == 1);
}

}  // namespace nas::test
