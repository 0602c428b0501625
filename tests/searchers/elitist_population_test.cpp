#include "searchers/elitist_population.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

void add(ElitistPopulation& population, std::int64_t number, std::vector<double> merits) {
  const Architecture architecture{"toy", {static_cast<std::uint16_t>(number)}};
  population.add({.number = number,
                  .architecture = architecture,
                  .outcome = Outcome::kComplete,
                  .merits = merits});
}

void add_other(ElitistPopulation& population, std::int64_t number, Outcome outcome,
               double violation = 0) {
  const Architecture architecture{"toy", {static_cast<std::uint16_t>(number)}};
  population.add({.number = number,
                  .architecture = architecture,
                  .outcome = outcome,
                  .merits = {},
                  .violation = violation});
}

std::vector<std::int64_t> numbers(const ElitistPopulation& population) {
  std::vector<std::int64_t> result;
  for (const Individual& parent : population.parents()) result.push_back(parent.number);
  return result;
}

}  // namespace

TEST_CASE("elitist population: parents change when a generation is complete, and not before") {
  ElitistPopulation population(3);
  add(population, 0, {1});
  add(population, 1, {3});
  CHECK(population.parents().empty());
  add(population, 2, {2});
  CHECK(numbers(population) == std::vector<std::int64_t>{1, 2, 0});
  add(population, 3, {9});
  add(population, 4, {0});
  CHECK(numbers(population) == std::vector<std::int64_t>{1, 2, 0});
  add(population, 5, {2.5});
  // Parents compete with their children: 9, 3 and 2.5 of 1, 3, 2, 9, 0, 2.5.
  CHECK(numbers(population) == std::vector<std::int64_t>{3, 1, 5});
}

TEST_CASE(
    "elitist population: constraint violations come last, smaller first; failures leave nothing") {
  ElitistPopulation population(4);
  add_other(population, 0, Outcome::kInfeasible, 0.5);
  add_other(population, 1, Outcome::kFailed);
  add_other(population, 2, Outcome::kInfeasible, 0.1);
  add(population, 3, {-100});
  CHECK(numbers(population) == std::vector<std::int64_t>{3, 2, 0});
}

TEST_CASE(
    "elitist population: of a front that does not fit, the crowded ones go (NSGA-II, III.B)") {
  // One front; the middle ones of 0, 1, 1.1, 1.2, 5, 10 are crowded.
  ElitistPopulation population(3);
  add(population, 0, {0, 10});
  add(population, 1, {1.1, 8.9});
  add(population, 2, {10, 0});
  add(population, 3, {1, 9});
  add(population, 4, {1.2, 8.8});
  add(population, 5, {5, 5});
  std::vector<std::int64_t> kept = numbers(population);
  std::sort(kept.begin(), kept.end());
  CHECK(kept == std::vector<std::int64_t>{0, 2, 5});
}

TEST_CASE("elitist population: a tournament of two prefers the better by its rank") {
  ElitistPopulation population(4);
  for (std::int64_t i = 0; i < 4; ++i) add(population, i, {static_cast<double>(i)});
  Rng rng({.seed = 1});
  std::map<std::int64_t, int> wins;
  constexpr int kDraws = 16'000;
  for (int i = 0; i < kDraws; ++i) ++wins[population.winner(rng).number];
  // P(number i wins) = (2 i + 1) / 16, with replacement.
  for (std::int64_t i = 0; i < 4; ++i) {
    const double expected = kDraws * (2.0 * static_cast<double>(i) + 1) / 16;
    CHECK(std::abs(wins[i] - expected) < 4 * std::sqrt(expected));
  }
}
