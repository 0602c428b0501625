// The laws of the interface Searcher, for every registered searcher: a new one is tested without a
// line here.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/api/prepared_searcher.h"
#include "searchers/budget_option.h"
#include "searchers/registry.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

/// A searcher that trains something first needs data and networks, which toy spaces lack:
/// tests/app/study/study_search_test.cpp has the laws of these.
bool is_prepared(const Plugin<Searcher>& plugin) {
  return dynamic_cast<PreparedSearcher*>(plugin.make({}).get()) != nullptr;
}

std::vector<std::string> searcher_names() {
  std::vector<std::string> names;
  for (const Plugin<Searcher>* plugin : searcher_plugins()) {
    if (!is_prepared(*plugin)) names.emplace_back(plugin->name);
  }
  return names;
}

std::vector<std::string> texts(const std::vector<ToyTrial>& trials, const SearchSpace& space) {
  std::vector<std::string> result;
  for (const ToyTrial& trial : trials) result.push_back(space.format(trial.architecture));
  return result;
}

// A judge with every outcome, decided by the architecture alone.
Judgement mixed(const Architecture& architecture) {
  std::size_t sum = 0;
  for (const std::uint16_t choice : architecture.choices) sum = sum * 7 + choice;
  if (sum % 3 == 0) return {.outcome = Outcome::kFailed, .merits = {}, .violation = 0};
  if (sum % 3 == 1) {
    return {.outcome = Outcome::kInfeasible, .merits = {}, .violation = static_cast<double>(sum)};
  }
  return hill(architecture);
}

Judgement all_fail(const Architecture&) {
  return {.outcome = Outcome::kFailed, .merits = {}, .violation = 0};
}

Judgement two_merits(const Architecture& architecture) {
  double a = 0, b = 0;
  for (const std::uint16_t choice : architecture.choices) {
    a -= choice * choice;
    b -= (choice - 4.0) * (choice - 4.0);
  }
  return {.outcome = Outcome::kComplete, .merits = {a, b}, .violation = 0};
}

}  // namespace

TEST_CASE("searchers: every record is complete and its resolved options can be used again") {
  std::set<std::string_view> names;
  for (const Plugin<Searcher>* plugin : searcher_plugins()) {
    CAPTURE(plugin->name);
    CHECK(names.insert(plugin->name).second);
    CHECK_FALSE(plugin->summary.empty());
    CHECK(plugin->paper.find("arXiv:") != std::string_view::npos);
    const OptionMap defaults = plugin->resolve({});
    CHECK(plugin->resolve(defaults) == defaults);
    CHECK(plugin->make(defaults) != nullptr);
    const std::vector<FieldDoc> fields = plugin->fields();
    CHECK(fields.size() == defaults.size());
    for (const FieldDoc& field : fields) {
      CHECK_FALSE(field.meaning.empty());
      CHECK(defaults.at(field.name) == field.default_value);
    }
    CHECK_THROWS_AS(plugin->make({{"no_such_option", "1"}}), Error);
  }
}

TEST_CASE("searchers: proposals are valid, also where the space objects, and say why") {
  for (const bool restricted : {false, true}) {
    const ToySpace space({5, 5, 5, 5}, restricted);
    for (const std::string& name : searcher_names()) {
      CAPTURE(name);
      const auto trials = run({.searcher = name, .trials = 80, .workers = 3}, space, hill);
      CHECK(trials.size() == 80);
      for (const ToyTrial& trial : trials) {
        REQUIRE_NOTHROW(validate(space, trial.architecture));
        REQUIRE_FALSE(trial.reason.empty());
      }
    }
  }
}

TEST_CASE("searchers: equal seeds give equal proposals at 1 and 4 workers, other seeds others") {
  const ToySpace space({5, 5, 5, 5, 5});
  for (const std::string& name : searcher_names()) {
    for (const std::int64_t workers : {1, 4}) {
      CAPTURE(name);
      CAPTURE(workers);
      ToyStudy study{.searcher = name, .seed = 3, .trials = 60, .workers = workers};
      const auto first = texts(run(study, space, hill), space);
      CHECK(texts(run(study, space, hill), space) == first);
      study.seed = 4;
      CHECK(texts(run(study, space, hill), space) != first);
    }
  }
}

TEST_CASE("searchers: a study resumes from its tells alone, whatever their outcome") {
  const ToySpace space({5, 5, 5, 5});
  for (const std::string& name : searcher_names()) {
    for (const ToyJudge& judge : {ToyJudge(hill), ToyJudge(mixed)}) {
      CAPTURE(name);
      const ToyStudy study{.searcher = name, .seed = 8, .trials = 90};
      const std::vector<ToyTrial> whole = run(study, space, judge);
      const std::unique_ptr<Searcher> resumed = started(study, space);
      for (std::size_t i = 0; i < whole.size(); ++i) {
        if (i >= whole.size() / 2) {  // the first half is only told
          const auto proposal = resumed->ask(static_cast<std::int64_t>(i));
          REQUIRE(proposal.has_value());
          REQUIRE(proposal->architecture == whole[i].architecture);
          REQUIRE(proposal->reason == whole[i].reason);
        }
        tell(*resumed, whole[i]);
      }
    }
  }
}

TEST_CASE("searchers: failed, infeasible and NaN results are taken, and the search continues") {
  const ToySpace space({6, 6, 6});
  const auto nan_merit = [](const Architecture&) {
    return Judgement{.outcome = Outcome::kComplete, .merits = {std::nan("")}, .violation = 0};
  };
  for (const std::string& name : searcher_names()) {
    for (const ToyJudge& judge : {ToyJudge(mixed), ToyJudge(all_fail), ToyJudge(nan_merit)}) {
      CAPTURE(name);
      CHECK(run({.searcher = name, .trials = 60, .workers = 2}, space, judge).size() == 60);
    }
  }
}

TEST_CASE("searchers: several objectives are accepted") {
  const ToySpace space({5, 5, 5});
  for (const std::string& name : searcher_names()) {
    CAPTURE(name);
    const ToyStudy study{.searcher = name, .trials = 60, .workers = 2, .objectives = 2};
    CHECK(run(study, space, two_merits).size() == 60);
  }
}

TEST_CASE("searchers: tiny spaces are exhausted, then nothing is proposed for good") {
  const std::vector<std::vector<std::size_t>> shapes = {{}, {1}, {1, 1}, {2}, {3, 1}, {2, 3, 2}};
  for (const std::string& name : searcher_names()) {
    for (const std::vector<std::size_t>& shape : shapes) {
      for (const bool restricted : {false, true}) {
        const ToySpace space(shape, restricted);
        for (const std::int64_t workers : {1, 4}) {
          CAPTURE(name);
          CAPTURE(workers);
          const auto trials =
              run({.searcher = name, .trials = 40, .workers = workers}, space, hill);
          const std::vector<std::string> all = texts(trials, space);
          const std::set<std::string> distinct(all.begin(), all.end());
          CHECK(distinct.size() == static_cast<std::size_t>(count(space).value));
          CHECK(all.size() == distinct.size());
        }
      }
    }
  }
}

TEST_CASE("searchers: an exhausted searcher stays exhausted") {
  const ToySpace space({2, 2});
  for (const std::string& name : searcher_names()) {
    CAPTURE(name);
    const ToyStudy study{.searcher = name, .trials = 10};
    const auto trials = run(study, space, hill);
    const std::unique_ptr<Searcher> searcher = started(study, space);
    for (const ToyTrial& trial : trials) tell(*searcher, trial);
    for (std::int64_t number = 4; number < 8; ++number) CHECK_FALSE(searcher->ask(number));
  }
}

TEST_CASE("searchers: a larger budget changes no earlier proposal, unless the record says so") {
  const ToySpace space({5, 5, 5, 5});
  const auto start_of = [&](ToyStudy study, std::int64_t budget) {
    study.trials = budget;
    std::vector<std::string> all = texts(run(study, space, hill), space);
    all.resize(12);
    return all;
  };
  for (const Plugin<Searcher>* plugin : searcher_plugins()) {
    if (is_prepared(*plugin)) continue;
    CAPTURE(plugin->name);
    const std::string option = budget_option(*plugin);
    bool differs = false;
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
      for (const std::int64_t workers : {1, 4}) {
        ToyStudy study{.searcher = std::string(plugin->name), .seed = seed, .workers = workers};
        differs = differs || start_of(study, 12) != start_of(study, 40);
        if (option.empty()) continue;
        // The option stands for the budget: with it the plan is the same whatever the budget is.
        REQUIRE(plugin->resolve({}).at(option) == "0");
        study.options = {{"points", "50"}, {"starts", "1"}, {option, "12"}};
        CHECK(start_of(study, 12) == start_of(study, 40));
      }
    }
    CHECK(differs == !option.empty());
  }
}

TEST_CASE("searchers: one that must be prepared says so when it is asked without") {
  const ToySpace space({3, 3});
  std::size_t prepared = 0;
  for (const Plugin<Searcher>* plugin : searcher_plugins()) {
    if (!is_prepared(*plugin)) continue;
    ++prepared;
    CAPTURE(plugin->name);
    const std::unique_ptr<Searcher> searcher =
        started({.searcher = std::string(plugin->name)}, space);
    CHECK_THROWS_WITH_AS(searcher->ask(0), doctest::Contains("trains a supernet"), Error);
  }
  CHECK(prepared >= 5);
}
