#include "searchers/adaptive_growth.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "searchers/registry.h"
#include "tests/searchers/toy_study.h"
#include "tests/searchspaces/space_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

std::size_t parts(const SearchSpace& space, const Architecture& architecture) {
  return dynamic_cast<const GrowableSpace&>(space).parts(architecture.choices);
}

/// Best with three gates for pairs, and none on the other wires' slots.
Judgement three_pairs(const SearchSpace& space, const Architecture& architecture) {
  double gates = 0;
  for (const std::uint16_t choice : architecture.choices) gates += choice != 0 ? 1 : 0;
  const double pairs = static_cast<double>(parts(space, architecture));
  return {.outcome = Outcome::kComplete,
          .merits = {-std::abs(pairs - 3) - 0.01 * gates},
          .violation = 0};
}

std::vector<ToyTrial> search(const SearchSpace& space, const OptionMap& options) {
  return run({.searcher = "adaptive_growth", .options = options, .trials = 300}, space,
             [&](const Architecture& architecture) { return three_pairs(space, architecture); });
}

}  // namespace

TEST_CASE("adaptive_growth: begins with hardware-efficient circuits, then builds on the best") {
  const auto space =
      make_space("quantum_layered", {{"layers", "3"}, {"pairs", "4"}, {"gates", "ry"}});
  const std::vector<ToyTrial> trials = search(*space, {});
  CHECK(space->format(trials[0].architecture) ==
        "ry ry ry ry; none none none none | none none none none; none none none none | "
        "none none none none; none none none none");
  CHECK(space->format(trials[1].architecture) ==
        "ry ry ry ry; cx:0>1 cx:1>2 cx:2>3 cx:3>0 | ry ry ry ry; none none none none | "
        "none none none none; none none none none");
  CHECK(trials[3].reason == "a known design");
  CHECK(trials[4].reason != "a known design");
  const auto best = std::max_element(
      trials.begin(), trials.end(),
      [](const auto& a, const auto& b) { return a.judgement.merits[0] < b.judgement.merits[0]; });
  CHECK(parts(*space, best->architecture) == 3);
}

TEST_CASE("adaptive_growth: nothing larger is tried once an architecture is good enough") {
  const auto space =
      make_space("quantum_layered", {{"layers", "3"}, {"pairs", "4"}, {"gates", "ry"}});
  const std::vector<ToyTrial> trials = search(*space, {{"enough", "-0.5"}});
  std::size_t top = 12;
  bool reached = false;
  for (const ToyTrial& trial : trials) {
    const std::size_t size = parts(*space, trial.architecture);
    if (trial.reason != "a known design") CHECK(size <= top);
    if (trial.judgement.merits[0] >= -0.5) {
      top = std::min(top, size);
      reached = true;
    }
  }
  CHECK(reached);
  CHECK(top == 3);
  const auto& plugin = find_plugin(searcher_plugins(), "searcher", "adaptive_growth");
  for (const char* wrong : {"much", "nan"}) {
    const std::string refusal = usage_error([&] { plugin.resolve({{"enough", wrong}}); });
    CHECK(refusal.find("enough = " + std::string(wrong)) != std::string::npos);
  }
}

TEST_CASE("adaptive_growth: what changes nothing does not crowd out the other parents") {
  const auto space =
      make_space("quantum_layered", {{"layers", "3"}, {"pairs", "4"}, {"gates", "ry"}});
  // All but one kind of circuit are equally good.
  const std::vector<ToyTrial> trials = run(
      {.searcher = "adaptive_growth", .options = {{"focus", "1"}, {"kept", "2"}}, .trials = 100},
      *space, [&](const Architecture& architecture) {
        const bool few = parts(*space, architecture) <= 1;
        return Judgement{.outcome = Outcome::kComplete, .merits = {few ? 0. : 1.}};
      });
  std::set<std::string> parents;
  for (const ToyTrial& trial : trials) {
    if (trial.reason != "a known design") {
      parents.insert(trial.reason.substr(trial.reason.rfind(' ') + 1));
    }
  }
  // Trial 0, and the smallest of the others: there the parents shrink until two gates are left.
  CHECK(parents.contains("0"));
  CHECK(parents.size() <= 5);
}

TEST_CASE("adaptive_growth: random circuits of a fixed length gain and lose gates on two qubits") {
  const auto space = make_space("quantum_random");
  const auto& growable = dynamic_cast<const GrowableSpace&>(*space);
  Rng rng({.seed = 1});
  for (int i = 0; i < 50; ++i) {
    const Architecture drawn = sample(*space, rng);
    const std::size_t before = growable.parts(drawn.choices);
    if (const auto more = growable.grown(drawn, rng)) {
      CHECK(growable.parts(more->choices) == before + 1);
      CHECK_NOTHROW(validate(*space, *more));
    }
    const auto less = growable.shrunk(drawn, rng);
    CHECK(less.has_value() == (before > 0));
    if (less) CHECK(growable.parts(less->choices) == before - 1);
  }
}
