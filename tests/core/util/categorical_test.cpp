#include "core/util/categorical.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace nas;

TEST_CASE("softmax: shares by hand, and no overflow") {
  const std::vector<double> p = softmax(std::vector{0.0, std::log(2.0), std::log(5.0)});
  CHECK(p[0] == doctest::Approx(0.125));
  CHECK(p[1] == doctest::Approx(0.25));
  CHECK(p[2] == doctest::Approx(0.625));
  CHECK(softmax(std::vector{1e4, 1e4}) == std::vector{0.5, 0.5});
  CHECK(softmax({}).empty());
}

TEST_CASE("weighted draws: each index as often as its weight says, whatever the sum") {
  const std::vector<double> weights{2, 0, 5, 1};
  std::vector<int> drawn(weights.size(), 0);
  Rng rng(RngKey{.seed = 4});
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) ++drawn[weighted_draw(weights, rng)];
  CHECK(drawn[1] == 0);
  // Five standard deviations are 0.018.
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CHECK(std::abs(drawn[i] / double{kDraws} - weights[i] / 8) < 0.018);
  }
}
