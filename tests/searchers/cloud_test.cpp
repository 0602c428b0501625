#include "searchers/cloud.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "searchers/lstm_policy.h"
#include "searchers/registry.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

/// Best of the trials of a searcher on the hill, after as many trials as a twelfth of the space.
double best_of(const std::string& searcher, const OptionMap& options) {
  const ToySpace space({6, 6, 6, 6});
  double best = -1e9;
  for (const ToyTrial& trial :
       run({.searcher = searcher, .options = options, .seed = 1, .trials = 108}, space, hill)) {
    best = std::max(best, trial.judgement.merits[0]);
  }
  return best;
}

Cloud line_of_points() {
  std::vector<Architecture> architectures;
  std::vector<float> points;
  for (std::uint16_t i = 0; i < 5; ++i) {
    architectures.push_back({"toy", {i}});
    points.insert(points.end(), {static_cast<float>(i), 0});
  }
  points[1] = std::nanf("");  // a missing value
  return {architectures, 2, points};
}

}  // namespace

TEST_CASE("cloud: the nearest point that is not marked") {
  Cloud cloud = line_of_points();
  CHECK(cloud.point(0)[1] == 0);
  const std::array<float, 2> at{2.2F, 0};
  CHECK(cloud.nearest_unmarked(at) == 2);
  cloud.mark(2);
  cloud.mark(2);
  CHECK(cloud.unmarked() == 4);
  CHECK(cloud.nearest_unmarked(at) == 3);
  CHECK(cloud.find({"toy", {3}}) == 3);
  CHECK_FALSE(cloud.find({"toy", {9}}).has_value());
  for (const std::size_t row : {0U, 1U, 3U, 4U}) cloud.mark(row);
  CHECK_FALSE(cloud.nearest_unmarked(at).has_value());
}

TEST_CASE("cloud: features that are not there are refused with a near miss") {
  const ToySpace space({3, 3});
  const ToyScores scores;
  const SearchSetup setup{.space = space, .objectives = {{"merit", true}}, .scores = &scores};
  CHECK(Cloud::of(setup, "counts+noise", 100, "test").width() > 1);
  CHECK_THROWS_WITH(Cloud::of(setup, "cuonts", 100, "test"), doctest::Contains("counts"));
}

TEST_CASE("kernel_greedy: finds the top of a hill by counts") {
  CHECK(best_of("kernel_greedy", {{"features", "counts"}}) == 0);
  CHECK(best_of("cloud_bayesian", {{"features", "counts"},
                                   {"acquisition", "ei"},
                                   {"settings", "width=16;epochs=30"}}) >= -1);
}

TEST_CASE("LSTM policy: its gradient through time is that of differences") {
  LstmPolicy policy(3, 5, Rng({.seed = 7}));
  Rng rng({.seed = 8});
  std::vector<std::vector<double>> inputs(4, std::vector<double>(3)), slopes = inputs;
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    for (std::size_t k = 0; k < 3; ++k) {
      inputs[t][k] = rng.normal();
      slopes[t][k] = rng.normal();
    }
  }
  const auto steps = [&] {
    std::vector<LstmPolicy::Step> made;
    for (const auto& input : inputs) {
      LstmPolicy::Step step = policy.step(input, made.empty() ? nullptr : &made.back());
      made.push_back(std::move(step));
    }
    return made;
  };
  const auto value = [&] {
    double sum = 0;
    const auto all = steps();
    for (std::size_t t = 0; t < all.size(); ++t) {
      for (std::size_t k = 0; k < 3; ++k) sum += slopes[t][k] * all[t].mean[k];
    }
    return sum;
  };
  const std::vector<double> gradient = policy.gradient(steps(), slopes);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < gradient.size(); i += 7) {
    const double kept = policy.parameters()[i];
    policy.parameters()[i] = kept + kStep;
    const double above = value();
    policy.parameters()[i] = kept - kStep;
    const double below = value();
    policy.parameters()[i] = kept;
    CHECK(gradient[i] == doctest::Approx((above - below) / (2 * kStep)).epsilon(1e-6));
  }
}
