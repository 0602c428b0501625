// How architecture parameters become weights and gradients: against finite differences and closed
// forms.

#include "core/runtime/supernet/relaxation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "core/ir/blueprint/rewrite.h"
#include "core/runtime/supernet/gates.h"
#include "core/util/error.h"
#include "core/util/gamma.h"
#include "tests/core/runtime/supernet/toy_choices.h"

namespace nas {
namespace {

using test::toy_blueprint;

ChoiceGroups toy_groups() {
  return choice_groups(edge_normalised(toy_blueprint()));
}

/// A loss that is linear in the weights of all alternatives, by group.
std::vector<std::vector<double>> slopes(const ChoiceGroups& groups) {
  std::vector<std::vector<double>> result;
  Rng rng(RngKey{.seed = 5});
  for (const ChoiceGroup& group : groups.choices) {
    std::vector<double>& list = result.emplace_back();
    for (std::size_t i = 0; i < group.alternatives.size(); ++i) list.push_back(rng.normal());
  }
  return result;
}

MixedLoss linear_loss(const MixDraw& draw, const std::vector<std::vector<double>>& slope) {
  MixedLoss loss;
  for (std::size_t g = 0; g < draw.present.size(); ++g) {
    std::vector<double>& gradient = loss.gradient.alphas.emplace_back();
    for (std::size_t i = 0; i < draw.present[g].size(); ++i) {
      gradient.push_back(slope[g][draw.present[g][i]]);
      loss.value += gradient.back() * draw.weights.alphas[g][i];
    }
  }
  for (const auto& weights : draw.weights.betas) {
    std::vector<double>& gradient = loss.gradient.betas.emplace_back();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      gradient.push_back(static_cast<double>(i + 1));
      loss.value += gradient.back() * weights[i];
    }
  }
  return loss;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

ArchVectors parameters_of(const ChoiceGroups& groups) {
  return initial_vectors(groups, 0.5, 11);
}

TEST_CASE("architecture parameters are drawn by name, so that sums do not shift the choices") {
  const ChoiceGroups with = toy_groups(), without = choice_groups(toy_blueprint());
  REQUIRE(with.choices.size() == 3);
  REQUIRE(with.sums.size() == 2);
  CHECK(initial_vectors(with, 1e-3, 2).alphas == initial_vectors(without, 1e-3, 2).alphas);
  CHECK(initial_vectors(with, 1e-3, 2) != initial_vectors(with, 1e-3, 3));
}

TEST_CASE("softmax: gradients are those of finite differences, and sum to zero in each group") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({}, groups);
  const auto slope = slopes(groups);
  Rng rng(RngKey{});
  const auto value = [&](const ArchVectors& parameters) {
    return linear_loss(relaxation->weight_draw(parameters, 0, rng), slope).value;
  };
  ArchVectors parameters = parameters_of(groups);
  const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
  const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
  constexpr double kStep = 1e-6;
  for (std::vector<double>* moved : {&parameters.alphas[1], &parameters.betas[0]}) {
    const std::vector<double>& found =
        moved == &parameters.betas[0] ? gradient.betas[0] : gradient.alphas[1];
    for (std::size_t i = 0; i < moved->size(); ++i) {
      const double middle = (*moved)[i];
      (*moved)[i] = middle + kStep;
      const double above = value(parameters);
      (*moved)[i] = middle - kStep;
      const double below = value(parameters);
      (*moved)[i] = middle;
      CHECK(found[i] == doctest::Approx((above - below) / (2 * kStep)).epsilon(1e-6));
    }
  }
  for (const auto& list : gradient.alphas) CHECK(std::abs(sum(list)) < 1e-12);
  for (const auto& list : gradient.betas) CHECK(std::abs(sum(list)) < 1e-12);
}

TEST_CASE("gumbel: one alternative runs, drawn by the softmax of the alphas") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "gumbel"}, groups);
  const ArchVectors parameters = parameters_of(groups);
  const std::vector<double> p = softmax(parameters.alphas[0]);
  std::vector<double> share(p.size(), 0.0);
  constexpr int kDraws = 20'000;
  const Rng base(RngKey{.seed = 4});
  for (int i = 0; i < kDraws; ++i) {
    Rng rng = base.stream(static_cast<std::uint64_t>(i));
    const MixDraw draw = relaxation->weight_draw(parameters, 0.5, rng);
    REQUIRE(draw.present[0].size() == 1);
    REQUIRE(draw.weights.alphas[0] == std::vector{1.0});
    share[draw.present[0][0]] += 1.0 / kDraws;
  }
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(std::abs(share[i] - p[i]) < 0.015);
}

TEST_CASE("gumbel: the gradient goes straight through the soft weight of what ran") {
  const ChoiceGroups groups = toy_groups();
  RelaxationOptions options{.method = "gumbel"};
  options.first_temperature = options.last_temperature = 2;
  const auto relaxation = make_relaxation(options, groups);
  const auto slope = slopes(groups);
  ArchVectors parameters = parameters_of(groups);
  // The same noise: the same stream from its start.
  const auto drawn = [&](const ArchVectors& at) {
    Rng rng(RngKey{.seed = 9});
    return relaxation->weight_draw(at, 0, rng);
  };
  const MixDraw draw = drawn(parameters);
  const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
  const std::size_t ran = draw.present[2][0];
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < 4; ++i) {
    ArchVectors above = parameters, below = parameters;
    above.alphas[2][i] += kStep;
    below.alphas[2][i] -= kStep;
    const double change = drawn(above).drawn[3][ran] - drawn(below).drawn[3][ran];
    CHECK(gradient.alphas[2][i] ==
          doctest::Approx(slope[2][ran] * change / (2 * kStep)).epsilon(1e-5));
  }
}

TEST_CASE("dirichlet: weights have the mean of the concentrations") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "dirichlet"}, groups);
  const ArchVectors parameters = parameters_of(groups);
  const std::vector<double> mean = relaxation->shares(parameters).alphas[1];
  std::vector<double> found(mean.size(), 0.0);
  constexpr int kDraws = 20'000;
  const Rng base(RngKey{.seed = 4});
  for (int i = 0; i < kDraws; ++i) {
    Rng rng = base.stream(static_cast<std::uint64_t>(i));
    const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
    REQUIRE(sum(draw.weights.alphas[1]) == doctest::Approx(1));
    for (std::size_t k = 0; k < found.size(); ++k) found[k] += draw.weights.alphas[1][k] / kDraws;
  }
  for (std::size_t k = 0; k < mean.size(); ++k) CHECK(std::abs(found[k] - mean[k]) < 0.01);
}

// d/dalpha E[sum s_k w_k] = d/dalpha sum s_k c_k / sum c: the pathwise gradient has that mean.
TEST_CASE("dirichlet: pathwise gradients have the mean of the exact one") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "dirichlet", .kl = 0}, groups);
  const ArchVectors parameters = parameters_of(groups);
  const auto slope = slopes(groups);
  const auto expected = [&](const ArchVectors& at) {
    const std::vector<double> mean = relaxation->shares(at).alphas[0];
    return std::inner_product(mean.begin(), mean.end(), slope[0].begin(), 0.0);
  };
  std::vector<double> found(4, 0.0);
  constexpr int kDraws = 40'000;
  const Rng base(RngKey{.seed = 4});
  for (int i = 0; i < kDraws; ++i) {
    Rng rng = base.stream(static_cast<std::uint64_t>(i));
    const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
    const ArchVectors one = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
    for (std::size_t k = 0; k < 4; ++k) found[k] += one.alphas[0][k] / kDraws;
  }
  constexpr double kStep = 1e-5;
  for (std::size_t k = 0; k < 4; ++k) {
    ArchVectors above = parameters, below = parameters;
    above.alphas[0][k] += kStep;
    below.alphas[0][k] -= kStep;
    const double exact = (expected(above) - expected(below)) / (2 * kStep);
    CHECK(std::abs(found[k] - exact) < 0.01);
  }
}

TEST_CASE("dirichlet: the distance to the flat distribution, by finite differences") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "dirichlet", .kl = 1}, groups);
  const ArchVectors parameters = parameters_of(groups);
  // KL(Dir(c) || Dir(1)) of the concentrations elu(alpha) + 1.
  const auto distance = [](const std::vector<double>& alphas) {
    double all = 0, value = 0;
    std::vector<double> c;
    for (const double alpha : alphas) c.push_back(alpha > 0 ? alpha + 1 : std::exp(alpha));
    all = sum(c);
    value = std::lgamma(all) - std::lgamma(static_cast<double>(c.size()));
    for (const double x : c) value += (x - 1) * (digamma(x) - digamma(all)) - std::lgamma(x);
    return value;
  };
  Rng rng(RngKey{});
  const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
  const MixedLoss flat = linear_loss(draw, std::vector(3, std::vector(4, 0.0)));
  const std::vector<double> found = relaxation->gradient(parameters, draw, flat).alphas[1];
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<double> above = parameters.alphas[1], below = above;
    above[i] += kStep;
    below[i] -= kStep;
    CHECK(found[i] ==
          doctest::Approx((distance(above) - distance(below)) / (2 * kStep)).epsilon(1e-5));
  }
}

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

TEST_CASE("gates: an active none or skip leaves its choice alone, also the latency does") {
  const ChoiceGroups groups = toy_groups();
  RelaxationOptions options{.method = "full"};
  options.latency = {
      .kind = "add_linear", .reference = 10, .cost = alternative_macs(toy_blueprint())};
  const auto relaxation = make_relaxation(options, groups);
  const auto slope = slopes(groups);
  const ArchVectors parameters = parameters_of(groups);
  bool dropped = false, moved = false;
  for (std::uint64_t step = 0; step < 50; ++step) {
    Rng rng = Rng(RngKey{.seed = 1}).stream(step);
    const MixDraw draw = relaxation->search_draw(parameters, 0, rng);
    const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
    for (std::size_t g = 0; g < 3; ++g) {
      const bool bypassed = draw.drawn[g][0] < 2;
      REQUIRE((gradient.alphas[g] == std::vector(4, 0.0)) == bypassed);
      (bypassed ? dropped : moved) = true;
    }
  }
  CHECK(dropped);
  CHECK(moved);
}

TEST_CASE("losses with a cost: values and slopes, by finite differences") {
  // The factor of mul_log at the uniform point of ProxylessNAS with R = 80 ms.
  LatencyLoss loss{.kind = "mul_log", .reference = 80};
  CHECK(combine(loss, 1, 113.98812882557645).value == doctest::Approx(0.2047168519).epsilon(1e-9));
  for (const std::string kind : {"none", "mul_log", "add_linear"}) {
    loss.kind = kind;
    constexpr double kStep = 1e-5;
    const CombinedLoss at = combine(loss, 1.7, 60);
    const double by_loss =
        (combine(loss, 1.7 + kStep, 60).value - combine(loss, 1.7 - kStep, 60).value) / (2 * kStep);
    const double by_cost =
        (combine(loss, 1.7, 60 + kStep).value - combine(loss, 1.7, 60 - kStep).value) / (2 * kStep);
    CHECK(at.by_cross_entropy == doctest::Approx(by_loss).epsilon(1e-6));
    CHECK(at.by_cost == doctest::Approx(by_cost).epsilon(1e-5));
  }
  loss.kind = "mull_log";
  CHECK_THROWS_WITH_AS(combine(loss, 1, 2), doctest::Contains("did you mean 'mul_log'"), Error);
  CHECK_THROWS_AS(combine({.kind = "mul_log", .reference = 80}, 1, 0.5), Error);
}

TEST_CASE("costs by alternative add up to those of every network") {
  const Blueprint blueprint = toy_blueprint();
  const AlternativeCosts cost = alternative_macs(blueprint);
  // 3x3 of 3 to 4 channels on 8x8, and the classifier of 4 to 2.
  CHECK(cost.fixed == 3 * 4 * 9 * 64 + 8);
  REQUIRE(cost.alternatives.size() == 4);
  for (const auto& edge : cost.alternatives) {
    CHECK(edge == std::vector<double>{0, 0, 4 * 4 * 64, 4 * 4 * 9 * 64});
  }
  const ChoiceGroups groups = choice_groups(blueprint);
  const AlternativeCosts grouped = by_group(cost, groups);
  CHECK(grouped.alternatives[0][2] == 2 * 4 * 4 * 64);  // in both cells
  CHECK_THROWS_AS(by_group({0, {{1, 2}}}, groups), Error);
}

TEST_CASE("costs of decisions become costs of alternatives") {
  const Blueprint blueprint = toy_blueprint();
  const auto reals = [](DecisionId decision, std::vector<double> values) {
    return ElasticValue::of(decision, std::vector<AttrValue>(values.begin(), values.end()));
  };
  const ElasticValue terms[] = {reals(0, {1, 2, 3, 4}), reals(0, {0, 0, 0, 0.5}),
                                reals(2, {5, 6, 7, 8}), ElasticValue(0.25)};
  const AlternativeCosts cost = costs_of_terms(9, terms, blueprint);
  CHECK(cost.fixed == 9.25);
  CHECK(cost.alternatives ==
        std::vector<std::vector<double>>{{1, 2, 3, 4.5}, {0, 0, 0, 0}, {0, 0, 0, 0}, {5, 6, 7, 8}});
  const ElasticValue both =
      ElasticValue::of({0, 1}, {4, 4}, [](Choices c) -> AttrValue { return 1.0 * c[0] * c[1]; });
  CHECK_THROWS_AS(costs_of_terms(0, std::span(&both, 1), blueprint), Error);
}

// The search by costs alone (no cross-entropy): every choice ends at its cheapest alternative.
TEST_CASE("a search by latency alone ends at the sum of the smallest costs") {
  const ChoiceGroups groups = choice_groups(toy_blueprint());
  for (const std::string method : {"two", "full"}) {
    CAPTURE(method);
    RelaxationOptions options{.method = method};
    options.latency = {.kind = "add_linear", .reference = 50, .lambda = 50};
    // Costs by selector: the first and third belong to one decision. None and skip cost most, as
    // their steps are dropped when they are active.
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

TEST_CASE("an unknown relaxation is refused with a near miss") {
  const ChoiceGroups groups = toy_groups();
  CHECK_THROWS_WITH_AS(make_relaxation({.method = "gumbl"}, groups),
                       doctest::Contains("did you mean 'gumbel'"), Error);
}

}  // namespace
}  // namespace nas
