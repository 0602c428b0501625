#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

std::int64_t centre_of(const ToyTrial& trial) {
  const std::string start = "neighbour of trial ";
  if (trial.reason.rfind(start, 0) != 0) return -1;
  return std::stoll(trial.reason.substr(start.size()));
}

double merit(const std::vector<ToyTrial>& trials, std::int64_t number) {
  return trials[static_cast<std::size_t>(number)].judgement.merits[0];
}

std::size_t differences(const Architecture& a, const Architecture& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.choices.size(); ++i) count += a.choices[i] != b.choices[i] ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("local: starts at the best of the initial ones and moves at the first improvement") {
  const ToySpace space({7, 7, 7, 7});
  const ToyStudy study{.searcher = "local", .options = {{"initial", "5"}}, .trials = 60};
  const auto trials = run(study, space, hill);
  std::int64_t centre = 0;
  for (std::int64_t i = 1; i < 5; ++i) {
    if (merit(trials, i) > merit(trials, centre)) centre = i;
  }
  int moves = 0;
  for (std::int64_t i = 5; i < 60 && centre_of(trials[static_cast<std::size_t>(i)]) >= 0; ++i) {
    const ToyTrial& trial = trials[static_cast<std::size_t>(i)];
    REQUIRE(centre_of(trial) == centre);
    REQUIRE(differences(trial.architecture,
                        trials[static_cast<std::size_t>(centre)].architecture) == 1);
    if (merit(trials, i) > merit(trials, centre)) {
      centre = i;
      ++moves;
    }
  }
  CHECK(moves > 0);
}

TEST_CASE("local: the variant 'best' judges every neighbour, then goes to the best") {
  const ToySpace space({5, 5, 5});  // 12 neighbours each
  const ToyStudy study{
      .searcher = "local", .options = {{"initial", "1"}, {"move", "best"}}, .trials = 40};
  const auto trials = run(study, space, hill);
  CHECK(trials[0].reason == "random start");
  std::int64_t best = 0;
  for (std::int64_t i = 1; i <= 12; ++i) {
    REQUIRE(centre_of(trials[static_cast<std::size_t>(i)]) == 0);
    if (merit(trials, i) > merit(trials, best)) best = i;
  }
  REQUIRE(best > 0);
  CHECK(centre_of(trials[13]) == best);
}

TEST_CASE("local: a hill with one top is climbed to the top from everywhere") {
  const ToySpace space({7, 7, 7, 7});
  for (const std::string move : {"first", "best"}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const ToyStudy study{.searcher = "local",
                           .options = {{"initial", "1"}, {"move", move}},
                           .seed = seed,
                           .trials = 200};
      const auto trials = run(study, space, hill);
      CHECK(std::any_of(trials.begin(), trials.end(),
                        [](const ToyTrial& trial) { return trial.judgement.merits[0] == 0; }));
    }
  }
}

TEST_CASE("local: after a local optimum it starts anew and finds the other top") {
  const ToySpace space({10, 10});
  const auto two_tops = [](const Architecture& architecture) {
    const int x = architecture.choices[0];
    const int y = architecture.choices[1];
    // No single step leads from the lower top (1, 1) up: its row and column are worse everywhere.
    double value = 0;
    if (x == 1 && y == 1) value = 50;
    if (x == 8 && y == 8) value = 100;
    if ((x == 1) != (y == 1) && x != 8 && y != 8) value = 20;
    return Judgement{.outcome = Outcome::kComplete, .merits = {value}, .violation = 0};
  };
  int found = 0;
  int through_lower = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const ToyStudy study{
        .searcher = "local", .options = {{"initial", "2"}}, .seed = seed, .trials = 95};
    const auto trials = run(study, space, two_tops);
    std::int64_t lower = -1, upper = -1;
    for (const ToyTrial& trial : trials) {
      if (trial.judgement.merits[0] == 50) lower = trial.number;
      if (trial.judgement.merits[0] == 100) upper = trial.number;
    }
    found += upper >= 0 ? 1 : 0;
    through_lower += lower >= 0 && lower < upper ? 1 : 0;
  }
  CHECK(found >= 25);
  CHECK(through_lower > 0);
}

TEST_CASE("local: nothing is proposed twice while something new is left") {
  const ToySpace space({4, 4, 4});
  for (const std::int64_t workers : {1, 4}) {
    std::set<std::vector<std::uint16_t>> seen;
    const auto trials = run({.searcher = "local", .trials = 64, .workers = workers}, space, hill);
    for (const ToyTrial& trial : trials) seen.insert(trial.architecture.choices);
    CHECK(seen.size() == 64);
  }
}

TEST_CASE("local: beats random search on a smooth hill") {
  const ToySpace space({7, 7, 7, 7, 7, 7, 7, 7});
  for (const std::string move : {"first", "best"}) {
    double local = 0, random = 0;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const auto best = [&](const ToyStudy& study) {
        double value = -1e300;
        for (const ToyTrial& trial : run(study, space, hill)) {
          value = std::max(value, trial.judgement.merits[0]);
        }
        return value;
      };
      local +=
          best({.searcher = "local", .options = {{"move", move}}, .seed = seed, .trials = 150});
      random += best({.searcher = "random", .seed = seed, .trials = 150});
    }
    CAPTURE(move);
    CHECK(local / 30 > random / 30 + 3);
  }
}
