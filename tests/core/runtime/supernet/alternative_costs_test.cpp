// Costs that are sums over choices, and the losses that they join.

#include "core/runtime/supernet/alternative_costs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "core/runtime/supernet/differentiable.h"
#include "core/util/error.h"
#include "tests/core/runtime/supernet/toy_choices.h"

namespace nas {
namespace {

using test::toy_blueprint;

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

TEST_CASE("a search by cost alone descends the exact expectation, to the cheapest network") {
  const test::ToyCells space;
  ArchitectureSearch search{.space = space};
  search.relaxation.latency = {.kind = "cost", .metric = "latency_ms"};
  search.relaxation.latency.cost = {11, {{1, 8, 5, 3}, {9, 2, 7, 6}, {1, 8, 5, 3}, {9, 9, 4, 5}}};
  search.adam = {.rate = 0.01, .beta1 = 0, .decay = 0};
  const CostSearch how{.epochs = 20, .steps = 500, .seed = 3};
  const ArchitectureSearchReport report = search_by_cost(toy_blueprint(), search, how);
  CHECK(space.format(derive(space, report.weights.back())) == "none,skip,conv1");
  std::vector<double> expected;
  for (const CurvePoint& point : report.training.curve) {
    if (point.name == "expected_latency_ms") expected.push_back(point.value);
  }
  REQUIRE(expected.size() == 20);
  CHECK(std::ranges::is_sorted(expected, std::greater<>()));
  CHECK(expected.back() == doctest::Approx(11 + 1 + 1 + 2 + 4).epsilon(0.01));
  const ArchitectureSearchReport again = search_by_cost(toy_blueprint(), search, how);
  CHECK(again.weights.back()[0].weights == report.weights.back()[0].weights);
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

}  // namespace
}  // namespace nas
