#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

/// Numbers of the trials in a reason: "crossover of trials 3 and 17".
std::vector<std::size_t> parents_in(const std::string& reason) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < reason.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(reason[i])) == 0) continue;
    std::size_t used = 0;
    numbers.push_back(std::stoul(reason.substr(i), &used));
    i += used;
  }
  return numbers;
}

double best_of(const std::vector<ToyTrial>& trials) {
  double best = -1e300;
  for (const ToyTrial& trial : trials) best = std::max(best, trial.judgement.merits[0]);
  return best;
}

}  // namespace

TEST_CASE("genetic: without mutation a child is a stretch of one parent inside the other") {
  // Eight choices: every code of three bits is one of them.
  const ToySpace space({8, 8, 8, 8, 8, 8});
  const ToyStudy study{
      .searcher = "genetic",
      .options = {{"population", "10"}, {"mutation", "0"}, {"crossover", "1"}, {"repeats", "true"}},
      .trials = 300};
  // All are equal, so that the first ten stay the parents.
  const auto trials =
      run(study, space, [](const Architecture&) { return Judgement{.merits = {0}}; });
  int mixed = 0;
  for (const ToyTrial& trial : trials) {
    if (trial.number < 10) continue;
    const std::vector<std::size_t> parents = parents_in(trial.reason);
    REQUIRE(parents.size() == 2);
    const auto& first = trials[parents[0]].architecture.choices;
    const auto& second = trials[parents[1]].architecture.choices;
    // The points may cut a decision's bits, so at most two decisions are of neither parent.
    int of_neither = 0;
    std::string from;
    for (std::size_t i = 0; i < 6; ++i) {
      const std::uint16_t choice = trial.architecture.choices[i];
      if (choice != first[i] && choice != second[i]) ++of_neither;
      if (first[i] == second[i] || of_neither > 0) continue;
      const char source = choice == first[i] ? '1' : '2';
      if (from.empty() || from.back() != source) from += source;
    }
    CHECK(of_neither <= 2);
    CHECK(from.size() <= 3);
    mixed += from.size() > 1 ? 1 : 0;
  }
  CHECK(mixed > 30);
}

TEST_CASE("genetic: turning all bits shows the code of a choice") {
  const auto complements = [](std::size_t choices, const std::string& code) {
    const ToySpace space({choices});
    const ToyStudy study{.searcher = "genetic",
                         .options = {{"population", "8"},
                                     {"mutation", "1"},
                                     {"crossover", "0"},
                                     {"code", code},
                                     {"repeats", "true"}},
                         .trials = 200};
    const auto trials = run(study, space, hill);
    std::map<int, std::set<int>> children;
    for (const ToyTrial& trial : trials) {
      if (trial.number < 8) continue;
      const std::size_t parent = parents_in(trial.reason).at(0);
      children[trials[parent].architecture.choices[0]].insert(trial.architecture.choices[0]);
    }
    REQUIRE_FALSE(children.empty());
    return children;
  };
  // Of number n with three bits the complement is 7 - n.
  for (const auto& [parent, children] : complements(8, "binary")) {
    CHECK(children == std::set<int>{7 - parent});
  }
  // Reflected codes 000 001 011 010 110 111 101 100: the complement of 0 is that of 5.
  const int reflected[] = {5, 4, 7, 6, 1, 0, 3, 2};
  for (const auto& [parent, children] : complements(8, "gray")) {
    CHECK(children == std::set<int>{reflected[parent]});
  }
  // Eight numbers for five choices, scaled: 0, 1, 1, 2, 2, 3, 3, 4.
  for (const auto& [parent, children] : complements(5, "binary")) {
    CHECK(children == std::set<int>{4 - parent});
  }
}

TEST_CASE("genetic: climbs a hill that random search does not") {
  const ToySpace space({6, 6, 6, 6, 6, 6, 6, 6});
  ToyStudy study{.searcher = "genetic", .options = {{"population", "20"}}, .trials = 600};
  const double found = best_of(run(study, space, hill));
  study.searcher = "random";
  study.options = {};
  CHECK(found > best_of(run(study, space, hill)));
}
