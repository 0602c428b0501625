#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

TEST_CASE("random: with replacement it is uniform over the valid architectures") {
  const ToySpace space({4, 3, 2}, true);  // 12 of 24 are valid
  const ToyStudy study{.searcher = "random", .options = {{"repeats", "true"}}, .trials = 12'000};
  std::map<std::vector<std::uint16_t>, int> seen;
  for (const ToyTrial& trial : run(study, space, hill)) ++seen[trial.architecture.choices];
  REQUIRE(seen.size() == 12);
  double chi2 = 0;
  for (const auto& [choices, times] : seen) chi2 += (times - 1000.0) * (times - 1000.0) / 1000.0;
  CHECK(chi2 < 31.3);  // 99.9 % of a chi-squared with 11 degrees of freedom
}

TEST_CASE("random: without replacement every architecture comes once") {
  const ToySpace space({5, 5, 5});
  std::set<std::vector<std::uint16_t>> seen;
  for (const ToyTrial& trial : run({.searcher = "random", .trials = 500}, space, hill)) {
    seen.insert(trial.architecture.choices);
  }
  CHECK(seen.size() == 125);
}

TEST_CASE("random: what is told does not change what is proposed") {
  const ToySpace space({5, 5, 5, 5});
  const ToyStudy study{.searcher = "random", .trials = 30};
  const auto flat = [](const Architecture&) {
    return Judgement{.outcome = Outcome::kFailed, .merits = {}, .violation = 0};
  };
  const auto a = run(study, space, hill);
  const auto b = run(study, space, flat);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i].architecture == b[i].architecture);
}
