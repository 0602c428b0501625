#include "core/quantum/simulator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

namespace {

template <class S>
double distance(const S& state, const std::vector<Amplitude>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(state.at(i) - expected[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("simulator: every gate on every number of qubits equals its matrix, merged or not") {
  for (int qubits = 1; qubits <= 9; ++qubits) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const Circuit circuit = test::random_circuit(qubits, 40, seed);
      const std::vector<Amplitude> expected = test::plain_state(circuit);
      CAPTURE(qubits);
      CAPTURE(circuit.to_text());
      for (const Fusion fusion : {Fusion::kNone, Fusion::kRuns, Fusion::kPairs, Fusion::kAuto}) {
        CHECK(distance(simulate(circuit, {.fusion = fusion}), expected) < 1e-13);
        CHECK(distance(simulate_float(circuit, {.fusion = fusion}), expected) < 1e-5);
      }
    }
  }
}

TEST_CASE("simulator: blocks of any size give the same state") {
  const Circuit circuit = test::random_circuit(12, 120, 3);
  const std::vector<Amplitude> expected = test::plain_state(circuit);
  for (const int bits : {8, 9, 10, 11, 30}) {
    for (const Fusion fusion : {Fusion::kNone, Fusion::kPairs}) {
      const SimulatorOptions options = {.fusion = fusion, .block_bits = bits};
      CAPTURE(bits);
      CHECK(distance(simulate(circuit, options), expected) < 1e-13);
      CHECK(distance(simulate_float(circuit, options), expected) < 1e-5);
    }
  }
}

TEST_CASE("simulator: threads do not change a bit") {
  const Circuit circuit = test::random_circuit(kThreadedQubits, 60, 5);
  const State one = simulate(circuit, {.block_bits = 12});
  const State three = simulate(circuit, {.block_bits = 12, .threads = 3});
  CHECK(std::equal(one.data(), one.data() + 2 * one.size(), three.data()));
}

TEST_CASE("simulator: new angles on a circuit made ready before") {
  const Circuit circuit = test::random_circuit(5, 50, 8);
  Circuit other = circuit;
  std::vector<double> angles = circuit.angles();
  for (double& angle : angles) angle = 1.5 - angle;
  other.set_angles(angles);
  Simulator simulator(circuit, {.fusion = Fusion::kPairs});
  simulator.bind(angles);
  State state(5);
  simulator.apply(state);
  CHECK(distance(state, test::plain_state(other)) < 1e-13);
  angles.pop_back();
  CHECK_THROWS_WITH_AS(simulator.bind(angles), doctest::Contains("angles"), Error);
}

TEST_CASE("simulator: angles of any size") {
  Circuit circuit(2);
  circuit.add("RX", {0}, {1e9});
  circuit.add("RY", {1}, {-3e5});
  circuit.add("U3", {0}, {1e-300, 12345.6, -0.0});
  CHECK(distance(simulate(circuit), test::plain_state(circuit)) < 1e-9);
}

TEST_CASE("simulator: runs of one-qubit gates and gates around a pair become one") {
  Circuit circuit(2);
  for (int layer = 0; layer < 3; ++layer) {
    for (const int q : {0, 1}) {
      circuit.add("RZ", {q}, {0.1});
      circuit.add("RX", {q}, {0.2});
      circuit.add("RZ", {q}, {0.3});
    }
    circuit.add("CNOT", {0, 1});
  }
  CHECK(Simulator(circuit, {.fusion = Fusion::kNone}).passes() == 21);
  CHECK(Simulator(circuit, {.fusion = Fusion::kRuns}).passes() == 9);
  CHECK(Simulator(circuit, {.fusion = Fusion::kPairs}).passes() == 1);
}

TEST_CASE("simulator: the unitary of a circuit, column by column") {
  Circuit circuit(2);
  circuit.add("CNOT", {0, 1});  // |10> <-> |11>
  const std::vector<Amplitude> u = unitary(circuit);
  CHECK(u[2 * 4 + 3] == Amplitude(1));
  CHECK(u[1 * 4 + 1] == Amplitude(1));
  CHECK_THROWS_WITH_AS(unitary(Circuit(20)), doctest::Contains("at most 12"), Error);
}

TEST_CASE("state: 40 qubits say what memory they need before it is tried") {
  CHECK_THROWS_WITH_AS(State(40), doctest::Contains("the state of 40 qubits needs 17.6 TB"), Error);
  CHECK_THROWS_WITH_AS(simulate(Circuit(40)), doctest::Contains("of memory, this machine has"),
                       Error);
  CHECK_THROWS_AS(State(0), Error);
}

TEST_CASE("state: an empty circuit leaves |0...0>") {
  const State state = simulate(Circuit(3));
  CHECK(state.at(0) == Amplitude(1));
  CHECK(probabilities(state)[0] == 1);
}

TEST_CASE("state: amplitudes in and out, fidelity, norms") {
  const double root = std::sqrt(0.5);
  const State bell = State::from(std::vector<Amplitude>{root, 0, 0, {0, root}});
  CHECK(bell.qubits() == 2);
  CHECK(bell.at(3) == Amplitude(0, root));
  CHECK(fidelity(bell, State(2)) == doctest::Approx(0.5));
  CHECK(inner_product(State(2), bell).real() == doctest::Approx(root));
  CHECK_THROWS_WITH_AS(State::from(std::vector<Amplitude>{1, 0, 0}), doctest::Contains("not 3"),
                       Error);
  CHECK_THROWS_WITH_AS(State::from(std::vector<Amplitude>{1, 1}), doctest::Contains("sum to 1"),
                       Error);
  CHECK_THROWS_WITH_AS(fidelity(State(2), State(3)), doctest::Contains("do not go together"),
                       Error);
}

TEST_CASE("state: shots follow the probabilities") {
  Circuit circuit(2);
  circuit.add("RY", {0}, {2 * std::asin(std::sqrt(0.3))});  // |10> with probability 0.3
  Rng rng({.seed = 1});
  const auto outcomes = sample(simulate(circuit), 20000, rng);
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[1].index == 2);
  CHECK(basis_text(outcomes[1].index, 2) == "10");
  CHECK(outcomes[0].count + outcomes[1].count == 20000);
  CHECK(static_cast<double>(outcomes[1].count) / 20000 == doctest::Approx(0.3).epsilon(0.05));
  CHECK(sample(simulate(circuit), 0, rng).empty());
}
