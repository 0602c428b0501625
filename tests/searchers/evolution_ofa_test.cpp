#include <doctest/doctest.h>

#include <algorithm>

#include "searchers/registry.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

/// Architectures whose choices sum to at most `limit`; a limit below 0 holds for none.
double excess(const Architecture& architecture, int limit) {
  int sum = 0;
  for (const std::uint16_t choice : architecture.choices) sum += choice;
  return std::max(0, sum - limit);
}

/// The proposals of a search that can check the limit beforehand.
std::vector<Architecture> proposals(const ToySpace& space, const OptionMap& options, int limit,
                                    std::int64_t trials) {
  const auto searcher = find_plugin(searcher_plugins(), "searcher", "evolution_ofa").make(options);
  SearchSetup setup{space, {{"accuracy", true}}, 3, 1, trials};
  setup.violation = [limit](const Architecture& a) { return excess(a, limit); };
  searcher->start(setup);
  std::vector<Architecture> asked;
  for (std::int64_t number = 0; number < trials; ++number) {
    const std::optional<Proposal> proposal = searcher->ask(number);
    if (!proposal) break;
    asked.push_back(proposal->architecture);
    const double violation = excess(asked.back(), limit);
    const Judgement judgement = hill(asked.back());
    searcher->tell({.number = number,
                    .architecture = asked.back(),
                    .outcome = violation > 0 ? Outcome::kInfeasible : Outcome::kComplete,
                    .merits = violation > 0 ? std::span<const double>() : judgement.merits,
                    .violation = violation});
  }
  return asked;
}

}  // namespace

TEST_CASE("evolution_ofa: proposes only what holds the constraints that it can check") {
  const ToySpace space({8, 8, 8, 8, 8, 8});
  const std::vector<Architecture> asked = proposals(space, {{"population", "20"}}, 12, 200);
  CHECK(asked.size() == 200);
  for (const Architecture& architecture : asked) CHECK(excess(architecture, 12) == 0);
}

TEST_CASE(
    "evolution_ofa: steps towards constraints that no random draw holds; ends where none does") {
  const ToySpace space({8, 8, 8, 8, 8, 8, 8, 8, 8, 8});
  const OptionMap few{{"population", "5"}, {"tries", "300"}};
  const std::vector<Architecture> asked = proposals(space, few, 1, 8);
  REQUIRE_FALSE(asked.empty());
  for (const Architecture& architecture : asked) CHECK(excess(architecture, 1) == 0);
  // The point nearest to holding them, then nothing more.
  const std::vector<Architecture> none = proposals(space, few, -1, 8);
  REQUIRE(none.size() == 1);
  CHECK(excess(none[0], -1) == 1);
}

TEST_CASE("evolution_ofa: without a check beforehand, children that miss are drawn again") {
  const ToySpace space({6, 6, 6, 6});
  const auto judge = [](const Architecture& architecture) {
    const double violation = excess(architecture, 10);
    return violation > 0 ? Judgement{.outcome = Outcome::kInfeasible, .violation = violation}
                         : hill(architecture);
  };
  ToyStudy study{.searcher = "evolution_ofa",
                 .options = {{"population", "10"}, {"repeats", "true"}},
                 .trials = 200};
  const std::vector<ToyTrial> trials = run(study, space, judge);
  // A generation ends when ten have held: the proposals of one keep the two parents.
  std::size_t held = 0, mutants = 0, crossovers = 0;
  for (const ToyTrial& trial : trials) {
    if (held < 10) CHECK(trial.reason == "random");
    if (held >= 10 && held % 10 < 5) mutants += trial.reason.starts_with("mutation") ? 0 : 1;
    if (held >= 10 && held % 10 >= 5) crossovers += trial.reason.starts_with("crossover") ? 0 : 1;
    held += trial.judgement.outcome == Outcome::kComplete ? 1 : 0;
  }
  CHECK(mutants == 0);
  CHECK(crossovers == 0);
  CHECK(held > 50);
}
