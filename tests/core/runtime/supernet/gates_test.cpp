// Binary gates and the policy gradient: what they keep, what they leave alone, where they end.

#include "core/runtime/supernet/gates.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/error.h"
#include "tests/core/runtime/supernet/linear_loss.h"

namespace nas {
namespace {

using test::linear_loss;
using test::parameters_of;
using test::slopes;
using test::sum;
using test::toy_blueprint;
using test::toy_groups;

TEST_CASE("gates: gradients sum to zero, and two keeps the share of the pair") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "two"}, groups);
  const auto slope = slopes(groups);
  ArchVectors parameters = parameters_of(groups);
  ArchAdam adam({.rate = 0.1, .beta1 = 0, .decay = 0}, groups);
  for (std::uint64_t step = 0; step < 200; ++step) {
    Rng rng = Rng(RngKey{.seed = 1}).stream(step);
    const MixDraw draw = relaxation->search_draw(parameters, 0, rng);
    const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
    const ArchVectors before = parameters;
    adam.step(gradient, parameters);
    relaxation->settle(draw, before, parameters);
    for (std::size_t g = 0; g < 3; ++g) {
      REQUIRE(draw.present[g].size() == 2);
      REQUIRE(std::abs(sum(gradient.alphas[g])) < 1e-12);
      const std::size_t a = draw.present[g][0], b = draw.present[g][1];
      const std::vector<double> was = softmax(before.alphas[g]), is = softmax(parameters.alphas[g]);
      REQUIRE(std::abs(was[a] + was[b] - is[a] - is[b]) < 1e-12);
    }
  }
}

/// One by one: the loss has a gradient of all gates, though one alternative runs.
MixDraw all_gates(const MixDraw& draw) {
  MixDraw all = draw;
  for (std::size_t g = 0; g < all.present.size(); ++g) {
    all.present[g] = {0, 1, 2, 3};
    all.weights.alphas[g].assign(4, 0.0);
    all.weights.alphas[g][draw.present[g][0]] = 1;
  }
  return all;
}

/// Like the toy's, but the skip of the last one leaves a residual block out.
ChoiceGroups groups_with_block() {
  ChoiceGroups groups = toy_groups();
  groups.choices[2].is_residual = true;
  return groups;
}

TEST_CASE("gates: an active none or a block left out leaves its choice alone, also the latency") {
  const ChoiceGroups groups = groups_with_block();
  RelaxationOptions options{.method = "full"};
  options.latency = {
      .kind = "add_linear", .reference = 10, .cost = alternative_macs(toy_blueprint())};
  const auto relaxation = make_relaxation(options, groups);
  const auto slope = slopes(groups);
  const ArchVectors parameters = parameters_of(groups);
  int dropped = 0, moved = 0, identities = 0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    Rng rng = Rng(RngKey{.seed = 1}).stream(step);
    const MixDraw draw = relaxation->search_draw(parameters, 0, rng);
    const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
    for (std::size_t g = 0; g < 3; ++g) {
      const double active = draw.drawn[g][0];
      const bool bypassed = active == 0 || (active == 1 && g == 2);
      REQUIRE(gradient.alphas[g].empty() == bypassed);
      ++(bypassed ? dropped : moved);
      identities += active == 1 && g != 2 ? 1 : 0;
    }
  }
  CHECK(dropped > 0);
  CHECK(moved > 0);
  CHECK(identities > 0);
}

// The released code sets such a gradient to None, and torch.optim.Adam passes over it.
TEST_CASE("gates: what is left alone in a step keeps its place, with momentum and decay") {
  const ChoiceGroups groups = groups_with_block();
  const auto relaxation = make_relaxation({.method = "full_v2"}, groups);
  const auto slope = slopes(groups);
  ArchVectors parameters = parameters_of(groups);
  ArchAdam adam({.rate = 0.01, .beta1 = 0.5, .decay = 0.1}, groups);
  std::vector<bool> moved_before(3, false);
  int kept = 0;
  for (std::uint64_t step = 0; step < 60; ++step) {
    Rng rng = Rng(RngKey{.seed = 1}).stream(step);
    const MixDraw draw = relaxation->search_draw(parameters, 0, rng);
    const MixedLoss loss = linear_loss(all_gates(draw), slope);
    const ArchVectors before = parameters;
    adam.step(relaxation->gradient(parameters, draw, loss), parameters);
    for (std::size_t g = 0; g < 3; ++g) {
      const double active = draw.drawn[g][0];
      const bool bypassed = active == 0 || (active == 1 && g == 2);
      REQUIRE((parameters.alphas[g] == before.alphas[g]) == bypassed);
      kept += bypassed && moved_before[g] ? 1 : 0;
      moved_before[g] = !bypassed;
    }
  }
  CHECK(kept > 0);
}

// The search by costs alone (no cross-entropy): every choice ends at its cheapest alternative.
TEST_CASE("a search by latency alone ends at the sum of the smallest costs") {
  const ChoiceGroups groups = choice_groups(toy_blueprint());
  for (const std::string method : {"two", "full"}) {
    CAPTURE(method);
    RelaxationOptions options{.method = method};
    options.latency = {.kind = "add_linear", .reference = 50, .lambda = 50};
    // Costs by selector: the first and third belong to one decision. None costs most, as its
    // steps are dropped when it is active.
    options.latency.cost = {11, {{9, 8, 5, 3}, {9, 7, 2, 6}, {9, 8, 5, 3}, {9, 9, 4, 1}}};
    const auto relaxation = make_relaxation(options, groups);
    ArchVectors parameters = initial_vectors(groups, 1e-3, 0);
    ArchAdam adam({.rate = 0.05, .beta1 = 0, .decay = 0}, groups);
    for (std::uint64_t step = 0; step < 4000; ++step) {
      Rng rng = Rng(RngKey{.seed = 3}).stream(step);
      const MixDraw draw = relaxation->search_draw(parameters, 0, rng);
      MixedLoss nothing = linear_loss(draw, std::vector(3, std::vector(4, 0.0)));
      nothing.value = 0;
      const ArchVectors before = parameters;
      adam.step(relaxation->gradient(parameters, draw, nothing), parameters);
      relaxation->settle(draw, before, parameters);
    }
    const double expected = expected_cost(by_group(options.latency.cost, groups),
                                          relaxation->shares(parameters).alphas);
    CHECK(expected == doctest::Approx(11 + 3 + 3 + 2 + 1).epsilon(0.02));
  }
}

TEST_CASE("policy gradient: of the expected reward, by enumeration") {
  const ChoiceGroups groups = choice_groups(toy_blueprint());
  const ArchVectors parameters = parameters_of(groups);
  // All 64 paths, weighed by their probability: the exact gradient of -E[R].
  const auto reward = [](const std::vector<std::uint16_t>& path) {
    return 0.3 * path[0] - 0.2 * path[1] * path[2];
  };
  const auto mean_reward = [&](const ArchVectors& at) {
    double sum = 0;
    for (std::uint16_t i = 0; i < 64; ++i) {
      const std::vector<std::uint16_t> path{static_cast<std::uint16_t>(i % 4),
                                            static_cast<std::uint16_t>(i / 4 % 4),
                                            static_cast<std::uint16_t>(i / 16)};
      double p = 1;
      for (std::size_t g = 0; g < 3; ++g) p *= softmax(at.alphas[g])[path[g]];
      sum += p * reward(path);
    }
    return sum;
  };
  std::vector<std::vector<std::uint16_t>> paths;
  std::vector<double> rewards;
  Rng rng(RngKey{.seed = 2});
  for (int i = 0; i < 40'000; ++i) {
    paths.push_back(draw_path(parameters, rng));
    rewards.push_back(reward(paths.back()));
  }
  const ArchVectors found = policy_gradient(parameters, paths, rewards, 0.4);
  constexpr double kStep = 1e-5;
  for (std::size_t g = 0; g < 3; ++g) {
    CHECK(std::abs(sum(found.alphas[g])) < 1e-12);
    for (std::size_t i = 0; i < 4; ++i) {
      ArchVectors above = parameters, below = parameters;
      above.alphas[g][i] += kStep;
      below.alphas[g][i] -= kStep;
      const double exact = -(mean_reward(above) - mean_reward(below)) / (2 * kStep);
      CHECK(std::abs(found.alphas[g][i] - exact) < 0.01);
    }
  }
  // "Decay" 0.99 follows the present batch; the first batch is its own baseline.
  CHECK(moved_baseline(7, true, 0.4, 0.99) == 0.4);
  CHECK(moved_baseline(0.4, false, 0.6, 0.99) == doctest::Approx(0.598));
  CHECK(path_reward(0.5, 40, 80) == doctest::Approx(0.5 * std::pow(2, 0.1)));
}

}  // namespace
}  // namespace nas
