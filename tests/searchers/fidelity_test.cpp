// Searchers that train for few epochs first: rungs, brackets and promotions.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/util/error.h"
#include "searchers/brackets.h"
#include "searchers/registry.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

struct Step {
  Proposal proposal;
  double merit = 0;
};

// The hill plus what a longer training gains; noise of short ones is a fixed function of the
// architecture.
double trained(const Architecture& architecture, std::int64_t epochs) {
  std::size_t hash = 17;
  for (const std::uint16_t choice : architecture.choices) hash = hash * 31 + choice;
  const double noise = static_cast<double>(hash % 101) / 101.0 - 0.5;
  return hill(architecture).merits[0] +
         2 * noise / static_cast<double>(std::max<std::int64_t>(epochs, 1));
}

std::unique_ptr<Searcher> fresh(const std::string& name, const OptionMap& options,
                                const SearchSpace& space, std::int64_t epochs, std::uint64_t seed) {
  auto searcher = find_plugin(searcher_plugins(), "searcher", name).make(options);
  SearchSetup setup{space, {{"merit", true}}, seed, stable_hash("fidelity"), 0};
  setup.epochs = epochs;
  searcher->start(setup);
  return searcher;
}

void tell(Searcher& searcher, std::int64_t number, const Step& step) {
  const double merits[] = {step.merit};
  searcher.tell(
      {number, step.proposal.architecture, Outcome::kComplete, merits, 0, step.proposal.epochs});
}

std::vector<Step> run_steps(Searcher& searcher, std::int64_t trials, std::int64_t workers) {
  std::vector<Step> steps;
  for (std::int64_t number = 0; number < trials; ++number) {
    if (number >= workers) {
      tell(searcher, number - workers, steps[static_cast<std::size_t>(number - workers)]);
    }
    auto proposal = searcher.ask(number);
    if (!proposal) break;
    steps.push_back({*proposal, trained(proposal->architecture, proposal->epochs)});
  }
  return steps;
}

const char* const kNames[] = {"successive_halving", "hyperband", "bohb", "asha"};

}  // namespace

TEST_CASE("fidelities: NAS-Bench-201 has rungs of 1, 4 and 12 epochs, NAS-Bench-101 of 4 to 108") {
  CHECK(ladder({1, 12, 3}) == std::vector<std::int64_t>{1, 4, 12});
  CHECK(ladder({4, 108, 3}) == std::vector<std::int64_t>{4, 12, 36, 108});
  CHECK(ladder({1, 81, 3}) == std::vector<std::int64_t>{1, 3, 9, 27, 81});
  CHECK(ladder({5, 12, 3}) == std::vector<std::int64_t>{12});
  CHECK(ladder({1, 0, 3}) == std::vector<std::int64_t>{0});
  CHECK_THROWS_AS(ladder({13, 12, 3}), Error);
}

// Li et al. (arXiv 1603.06560), algorithm 1 by hand for R = 81 and eta = 3.
TEST_CASE("hyperband: the brackets of 81 epochs") {
  const Fidelities fidelities{1, 81, 3};
  REQUIRE(most_halvings(fidelities) == 4);
  const std::vector<std::vector<Rung>> expected = {{{81, 5}},
                                                   {{27, 8}, {81, 2}},
                                                   {{9, 15}, {27, 5}, {81, 1}},
                                                   {{3, 34}, {9, 11}, {27, 3}, {81, 1}},
                                                   {{1, 81}, {3, 27}, {9, 9}, {27, 3}, {81, 1}}};
  for (std::size_t s = 0; s < expected.size(); ++s) {
    CHECK(hyperband_rungs(fidelities, static_cast<std::int64_t>(s)) == expected[s]);
  }
}

TEST_CASE(
    "hyperband: its proposals are the brackets in order, the best of each rung are promoted") {
  const ToySpace space({5, 5, 5, 5, 5, 5});
  const auto searcher = fresh("hyperband", {}, space, 12, 3);
  const auto steps = run_steps(*searcher, 22, 1);
  const std::vector<std::int64_t> expected = {1, 1,  1, 1, 1, 1, 1, 1,  1,  4,  4,
                                              4, 12, 4, 4, 4, 4, 4, 12, 12, 12, 12};
  REQUIRE(steps.size() == expected.size());
  for (std::size_t i = 0; i < steps.size(); ++i) CHECK(steps[i].proposal.epochs == expected[i]);
  std::vector<double> merits;
  for (std::size_t i = 0; i < 9; ++i) merits.push_back(steps[i].merit);
  std::sort(merits.rbegin(), merits.rend());
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(trained(steps[9 + i].proposal.architecture, 1) == merits[i]);
  }
}

TEST_CASE("successive halving: rounds end the search, failures are never promoted") {
  const ToySpace space({5, 5, 5, 5});
  const auto searcher =
      fresh("successive_halving", {{"rounds", "1"}, {"configurations", "9"}}, space, 9, 1);
  // All but two of nine fail: the next rung has two, the last none more than it was given.
  std::vector<std::int64_t> epochs;
  for (std::int64_t number = 0;; ++number) {
    const auto proposal = searcher->ask(number);
    if (!proposal) break;
    epochs.push_back(proposal->epochs);
    const double merits[] = {static_cast<double>(number)};
    const bool fails = proposal->epochs == 1 && number > 1;
    searcher->tell({number, proposal->architecture, fails ? Outcome::kFailed : Outcome::kComplete,
                    fails ? std::span<const double>() : std::span<const double>(merits), 0,
                    proposal->epochs});
    REQUIRE(number < 50);
  }
  CHECK(epochs == std::vector<std::int64_t>{1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 9});
}

TEST_CASE("asha: whoever is promoted was among the best third of its rung, and nobody twice") {
  const ToySpace space({5, 5, 5, 5, 5});
  for (const std::int64_t workers : {1, 4}) {
    const auto searcher = fresh("asha", {}, space, 27, 5);
    const auto steps = run_steps(*searcher, 200, workers);
    const std::vector<std::int64_t> epochs = {1, 3, 9, 27};
    std::map<std::int64_t, std::vector<std::vector<std::uint16_t>>> at;
    std::set<std::pair<std::int64_t, std::vector<std::uint16_t>>> seen;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Proposal& proposal = steps[i].proposal;
      REQUIRE(seen.emplace(proposal.epochs, proposal.architecture.choices).second);
      const auto rung = std::find(epochs.begin(), epochs.end(), proposal.epochs);
      REQUIRE(rung != epochs.end());
      if (rung == epochs.begin()) continue;
      // Among what had been told when it was asked for.
      const std::int64_t below = *std::prev(rung);
      std::size_t members = 0, better_ones = 0;
      const double own = trained(proposal.architecture, below);
      for (std::size_t j = 0; j + static_cast<std::size_t>(workers) <= i; ++j) {
        if (steps[j].proposal.epochs != below) continue;
        ++members;
        better_ones += steps[j].merit > own ? 1 : 0;
      }
      CHECK(better_ones < members / 3);
    }
    CHECK(std::any_of(steps.begin(), steps.end(),
                      [](const Step& step) { return step.proposal.epochs == 27; }));
  }
}

TEST_CASE("fidelities: equal seeds give equal proposals, and tells alone resume a search") {
  const ToySpace space({5, 5, 5, 5, 5});
  for (const char* name : kNames) {
    for (const std::int64_t workers : {1, 3}) {
      CAPTURE(name);
      CAPTURE(workers);
      const auto first = run_steps(*fresh(name, {}, space, 12, 7), 120, workers);
      const auto second = run_steps(*fresh(name, {}, space, 12, 7), 120, workers);
      REQUIRE(first.size() == second.size());
      for (std::size_t i = 0; i < first.size(); ++i) {
        REQUIRE(first[i].proposal.architecture == second[i].proposal.architecture);
        REQUIRE(first[i].proposal.epochs == second[i].proposal.epochs);
        REQUIRE(first[i].proposal.epochs >= 1);
        REQUIRE(first[i].proposal.epochs <= 12);
      }
    }
    const auto whole = run_steps(*fresh(name, {}, space, 12, 9), 120, 1);
    const auto resumed = fresh(name, {}, space, 12, 9);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const auto number = static_cast<std::int64_t>(i);
      if (i >= 60) {
        const auto proposal = resumed->ask(number);
        REQUIRE(proposal.has_value());
        REQUIRE(proposal->architecture == whole[i].proposal.architecture);
        REQUIRE(proposal->epochs == whole[i].proposal.epochs);
      }
      tell(*resumed, number, whole[i]);
    }
  }
}

TEST_CASE("fidelities: for equal epochs in all, early stopping finds more than full trainings") {
  const ToySpace space({7, 7, 7, 7, 7, 7});
  std::map<std::string, double> best;
  for (const char* name : {"random", "hyperband", "bohb", "asha"}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto searcher = fresh(name, {}, space, 27, seed);
      double top = -1e300;
      std::int64_t spent = 0;
      for (std::int64_t number = 0; spent < 27 * 60; ++number) {
        const Proposal proposal = searcher->ask(number).value();
        const std::int64_t epochs = proposal.epochs == 0 ? 27 : proposal.epochs;
        const Step step{proposal, trained(proposal.architecture, epochs)};
        top = std::max(top, hill(proposal.architecture).merits[0]);
        spent += epochs;
        tell(*searcher, number, step);
      }
      best[name] += top / 20;
    }
  }
  CHECK(best["hyperband"] > best["random"] + 1);
  CHECK(best["asha"] > best["random"] + 1);
  CHECK(best["bohb"] > best["hyperband"]);
}
