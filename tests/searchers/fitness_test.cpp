#include "searchers/fitness.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/util/rng.h"
#include "core/util/statistics.h"

using namespace nas;

namespace {
Fitness complete(std::vector<double> merits) {
  return {Outcome::kComplete, 0, std::move(merits)};
}
Fitness infeasible(double violation) {
  return {Outcome::kInfeasible, violation, {}};
}
}  // namespace

TEST_CASE("fitness: complete beats infeasible beats failed, and smaller violations win") {
  const Fitness failed;
  CHECK(better(complete({-1e9}), infeasible(0.01)));
  CHECK(better(infeasible(1e9), failed));
  CHECK(better(infeasible(0.1), infeasible(0.2)));
  CHECK_FALSE(better(infeasible(0.2), infeasible(0.2)));
  CHECK_FALSE(better(failed, failed));
  CHECK_FALSE(better(infeasible(0.01), complete({-1e9})));
}

TEST_CASE("fitness: several merits compare by domination") {
  CHECK(better(complete({1, 2}), complete({1, 1})));
  CHECK_FALSE(better(complete({1, 1}), complete({1, 1})));
  CHECK_FALSE(better(complete({2, 1}), complete({1, 2})));
}

TEST_CASE("fitness: a NaN merit is a failure") {
  const Architecture architecture;
  const std::vector<double> merits = {1, std::nan("")};
  CHECK(fitness_of({0, architecture, Outcome::kComplete, merits}).outcome == Outcome::kFailed);
}

TEST_CASE("fitness: ranks are the Pareto fronts peeled one by one") {
  Rng rng({.seed = 31});
  for (int round = 0; round < 50; ++round) {
    std::vector<Fitness> members;
    std::vector<std::vector<double>> costs;
    for (std::uint64_t i = 0; i < 1 + rng.below(25); ++i) {
      costs.push_back({static_cast<double>(rng.below(6)), static_cast<double>(rng.below(6))});
      members.push_back(complete({-costs.back()[0], -costs.back()[1]}));
    }
    const std::vector<Standing> actual = standings(members);
    std::vector<std::size_t> left(members.size());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
    for (std::size_t rank = 0; !left.empty(); ++rank) {
      std::vector<std::vector<double>> points;
      for (const std::size_t i : left) points.push_back(costs[i]);
      const std::vector<std::size_t> front = pareto_front(points);
      for (const std::size_t i : front) REQUIRE(actual[left[i]].rank == rank);
      for (auto i = front.rbegin(); i != front.rend(); ++i) {
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(*i));
      }
    }
  }
}

TEST_CASE("fitness: crowding of a worked front") {
  // Merits on a line: extents 10 and 10; inner points: (4 + 4)/10 twice 0.4, and so on.
  const std::vector<Fitness> members = {complete({0, 10}), complete({1, 9}), complete({4, 6}),
                                        complete({10, 0})};
  const std::vector<Standing> actual = standings(members);
  CHECK(std::isinf(actual[0].crowding));
  CHECK(actual[1].crowding == doctest::Approx(0.8));
  CHECK(actual[2].crowding == doctest::Approx(1.8));
  CHECK(std::isinf(actual[3].crowding));
  CHECK(ahead(actual[2], actual[1]));
  CHECK(ahead(Standing{0, 0}, Standing{1, 5}));
}

TEST_CASE("fitness: with one merit the ranks follow the merit and crowding is nothing") {
  const std::vector<Fitness> members = {complete({3}), complete({7}), complete({3}), infeasible(1)};
  const std::vector<Standing> actual = standings(members);
  CHECK(actual[1].rank == 0);
  CHECK(actual[0].rank == 1);
  CHECK(actual[2].rank == 1);
  CHECK(actual[3].rank == 2);
  CHECK(actual[0].crowding == 0);
  CHECK(standings({}).empty());
}
