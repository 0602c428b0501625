#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/util/statistics.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

// The trial that a child names as its parent, or -1.
std::int64_t parent_of(const ToyTrial& trial) {
  const std::string start = "mutation of trial ";
  if (trial.reason.rfind(start, 0) != 0) return -1;
  return std::stoll(trial.reason.substr(start.size()));
}

double best_of(const std::vector<ToyTrial>& trials) {
  double best = -1e300;
  for (const ToyTrial& trial : trials) {
    if (trial.judgement.outcome == Outcome::kComplete) {
      best = std::max(best, trial.judgement.merits[0]);
    }
  }
  return best;
}

std::size_t differences(const Architecture& a, const Architecture& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.choices.size(); ++i) count += a.choices[i] != b.choices[i] ? 1 : 0;
  return count;
}

// Two goals that pull apart: few and many.
Judgement torn(const Architecture& architecture) {
  double low = 0, high = 0;
  for (const std::uint16_t choice : architecture.choices) {
    low -= choice * choice;
    high -= (7.0 - choice) * (7.0 - choice);
  }
  return {.outcome = Outcome::kComplete, .merits = {low, high}, .violation = 0};
}

double front_volume(const std::vector<ToyTrial>& trials, double reference) {
  std::vector<std::vector<double>> points;
  for (const ToyTrial& trial : trials) {
    points.push_back({-trial.judgement.merits[0], -trial.judgement.merits[1]});
  }
  const std::vector<double> corner = {reference, reference};
  return hypervolume(points, corner);
}

}  // namespace

TEST_CASE("evolution: children differ from a living parent in one decision, the oldest die") {
  const ToySpace space({6, 6, 6, 6, 6});
  for (const std::int64_t workers : {1, 3}) {
    const ToyStudy study{.searcher = "evolution",
                         .options = {{"population", "8"}, {"tournament", "2"}},
                         .trials = 100,
                         .workers = workers};
    const auto trials = run(study, space, hill);
    std::set<std::int64_t> parents;
    for (const ToyTrial& trial : trials) {
      const std::int64_t parent = parent_of(trial);
      if (trial.number < 8) {
        CHECK(trial.reason == "random");
        continue;
      }
      const std::int64_t newest = trial.number - workers;
      REQUIRE(parent > newest - 8);
      REQUIRE(parent <= newest);
      REQUIRE(differences(trial.architecture,
                          trials[static_cast<std::size_t>(parent)].architecture) == 1);
      parents.insert(parent);
    }
    CHECK(parents.size() > 20);
  }
}

TEST_CASE("evolution: a large tournament takes the best of the living, a tournament of one any") {
  const ToySpace space({6, 6, 6, 6, 6});
  ToyStudy study{.searcher = "evolution",
                 .options = {{"population", "5"}, {"tournament", "200"}},
                 .trials = 60};
  const auto trials = run(study, space, hill);
  for (const ToyTrial& trial : trials) {
    if (trial.number < 5) continue;
    double best = -1e300;
    for (std::int64_t i = trial.number - 5; i < trial.number; ++i) {
      best = std::max(best, trials[static_cast<std::size_t>(i)].judgement.merits[0]);
    }
    const auto parent = static_cast<std::size_t>(parent_of(trial));
    REQUIRE(trials[parent].judgement.merits[0] == best);
  }
  study.options["tournament"] = "1";
  study.trials = 2000;
  study.options["repeats"] = "true";
  std::vector<int> ages(6, 0);
  for (const ToyTrial& trial : run(study, space, hill)) {
    if (trial.number >= 5) ++ages[static_cast<std::size_t>(trial.number - parent_of(trial))];
  }
  for (std::size_t age = 1; age <= 5; ++age) CHECK(std::abs(ages[age] - 399) < 72);  // 4 sigma
}

TEST_CASE("evolution: failed trials leave no children and take no place") {
  const ToySpace space({6, 6, 6, 6});
  const auto judge = [](const Architecture& architecture) {
    Judgement judgement = hill(architecture);
    if (architecture.choices[0] % 2 == 1) judgement = {.outcome = Outcome::kFailed, .merits = {}};
    return judgement;
  };
  const auto trials =
      run({.searcher = "evolution", .options = {{"population", "6"}}, .trials = 80}, space, judge);
  int failed = 0;
  for (const ToyTrial& trial : trials) {
    failed += trial.judgement.outcome == Outcome::kFailed ? 1 : 0;
    const std::int64_t parent = parent_of(trial);
    if (parent < 0) continue;
    REQUIRE(trials[static_cast<std::size_t>(parent)].judgement.outcome == Outcome::kComplete);
    int younger = 0;
    for (std::int64_t i = parent + 1; i < trial.number; ++i) {
      younger += trials[static_cast<std::size_t>(i)].judgement.outcome != Outcome::kFailed ? 1 : 0;
    }
    REQUIRE(younger < 6);
  }
  CHECK(failed > 0);
}

TEST_CASE("evolution: out of infeasible ground it climbs towards the constraint") {
  // Feasible only when the sum is at least 26 of 30; random architectures nearly never are.
  const ToySpace space({6, 6, 6, 6, 6, 6});
  const auto judge = [](const Architecture& architecture) {
    int sum = 0;
    for (const std::uint16_t choice : architecture.choices) sum += choice;
    if (sum < 26) {
      return Judgement{.outcome = Outcome::kInfeasible, .merits = {}, .violation = 26.0 - sum};
    }
    return Judgement{.outcome = Outcome::kComplete, .merits = {-double(sum)}, .violation = 0};
  };
  int evolution = 0, random = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const std::string name : {"evolution", "random"}) {
      int& feasible = name == "random" ? random : evolution;
      for (const ToyTrial& trial :
           run({.searcher = name, .seed = seed, .trials = 60}, space, judge)) {
        feasible += trial.judgement.outcome == Outcome::kComplete ? 1 : 0;
      }
    }
  }
  CHECK(evolution > 5 * random);
}

TEST_CASE("evolution: beats random search on a smooth hill") {
  const ToySpace space({7, 7, 7, 7, 7, 7, 7, 7});
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const double evolution =
        best_of(run({.searcher = "evolution", .seed = seed, .trials = 100}, space, hill));
    const double random =
        best_of(run({.searcher = "random", .seed = seed, .trials = 100}, space, hill));
    wins += evolution > random ? 1 : 0;
  }
  CHECK(wins >= 40);  // of 50; chance would give 25 +- 3.5
}

TEST_CASE("evolution: with two objectives its front covers more than that of random search") {
  const ToySpace space({8, 8, 8, 8, 8, 8});
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    ToyStudy study{.searcher = "evolution",
                   .options = {{"population", "20"}},
                   .seed = seed,
                   .trials = 400,
                   .objectives = 2};
    const double evolution = front_volume(run(study, space, torn), 300);
    study.searcher = "random";
    study.options.clear();
    wins += evolution > front_volume(run(study, space, torn), 300) ? 1 : 0;
  }
  CHECK(wins >= 24);  // of 30; chance would give 15 +- 2.7
}
