#include "core/problems/angle_bank.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/problems/data_kinds.h"
#include "core/quantum/circuit_graph.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// Circuits of two wires: a rotation RY on each, or on the second alone, then a CNOT. The rotation
/// of the second wire has angle 1 of the bank.
class Two final : public SearchSpace, public AngleSharing {
 public:
  Two() {
    info_.name = "two";
    info_.default_task = circuit_task(2);
  }
  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  Architecture parse(std::string_view text) const override {
    return {info_.name, {static_cast<std::uint16_t>(text == "both")}};
  }
  std::string format(const Architecture& a) const override {
    return a.choices[0] == 1 ? "both" : "second";
  }
  std::optional<Blueprint> blueprint(const Task&) const override { return std::nullopt; }
  ArchGraph build(const Architecture& a, const Task&) const override {
    Circuit circuit(2);
    if (a.choices[0] == 1) circuit.add("RY", {0}, {0});
    circuit.add("RY", {1}, {0});
    circuit.add("CNOT", {0, 1});
    return to_graph(circuit);
  }
  std::size_t shared_angles() const override { return 2; }
  std::vector<std::size_t> angle_numbers(Choices choices) const override {
    return choices[0] == 1 ? std::vector<std::size_t>{0, 1} : std::vector<std::size_t>{1};
  }

 private:
  SpaceInfo info_;
  std::vector<Decision> decisions_{{"which", DecisionKind::kOperation, {"second", "both"}}};
};

const CircuitProblem& ising(std::shared_ptr<const Problem>& owner) {
  owner = open_problem("ground_state:tfim:2");
  return dynamic_cast<const CircuitProblem&>(*owner);
}

AngleBank trained(const Two& space, const CircuitProblem& problem, const char* drawn,
                  std::uint64_t seed = 1) {
  AngleBank bank(space, seed);
  train_angles(bank, problem,
               {.draw = [&](Rng&) { return std::vector<Architecture>{space.parse(drawn)}; },
                .steps = 400,
                .rate = 0.1,
                .seed = seed,
                .on_epoch = [](std::int64_t, double) {}});
  return bank;
}

double energy(const AngleBank& bank, const CircuitProblem& problem, const Architecture& one) {
  return problem.judge_circuit(bank.graph(one), Recipe{})[0].value;
}

}  // namespace

TEST_CASE("shared angles: trained by one circuit alone, they are what a fit of it finds") {
  const Two space;
  std::shared_ptr<const Problem> owner;
  const CircuitProblem& problem = ising(owner);
  const AngleBank bank = trained(space, problem, "both");
  const Architecture both = space.parse("both");
  const Circuit circuit = to_circuit(bank.graph(both));
  const CircuitFit fit = fit_circuit(circuit, problem.observable(), {1, 1}, {}, Rng({.seed = 1}));
  CHECK(energy(bank, problem, both) == doctest::Approx(fit.value).epsilon(1e-4));
  CHECK(trained(space, problem, "both").angles()[0] == bank.angles()[0]);
  CHECK(trained(space, problem, "both", 2).angles()[0] != bank.angles()[0]);
}

TEST_CASE("shared angles: what no circuit has that is drawn stays as it was") {
  const Two space;
  std::shared_ptr<const Problem> owner;
  const CircuitProblem& problem = ising(owner);
  const AngleBank before(space, 1), after = trained(space, problem, "second");
  CHECK(after.angles()[0] == before.angles()[0]);
  CHECK(after.angles()[1] != before.angles()[1]);
  CHECK(energy(after, problem, space.parse("second")) <
        energy(before, problem, space.parse("second")));
}

TEST_CASE("shared angles: a file gives them back, another one is refused") {
  const Two space;
  AngleBank bank(space, 1), other(space, 2);
  other.restore(bank.weights(), "file");
  CHECK(std::ranges::equal(other.angles(), bank.angles()));
  TensorFile wrong = bank.weights();
  wrong.tensors["angles"] = store_floats({3}, std::vector<float>{1, 2, 3});
  CHECK_THROWS_WITH_AS(other.restore(wrong, "file"), "file: has 3 angles, the space 2", Error);
  CHECK_THROWS_AS(other.restore({}, "file"), Error);
  CHECK(std::ranges::equal(other.angles(), bank.angles()));
}

}  // namespace nas
