#include "core/quantum/gradient.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/quantum/fit.h"
#include "core/quantum/hamiltonians.h"
#include "core/util/error.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

namespace {

PauliSum some_sum(int qubits) {
  PauliSum sum = transverse_ising(qubits, 0.7, -1.3, false);
  sum.add(0.4, std::string(static_cast<std::size_t>(qubits), 'Y'));
  return sum;
}

double largest(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
  }
  return difference;
}

}  // namespace

TEST_CASE("gradient: adjoint equals shifted angles for gates of every kind, merged or not") {
  for (int qubits = 2; qubits <= 6; ++qubits) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const Circuit circuit = test::random_circuit(qubits, 30, seed);
      const Observable observable(some_sum(qubits));
      const std::vector<double> expected = parameter_shift_gradient(circuit, observable);
      CAPTURE(circuit.to_text());
      for (const Fusion fusion : {Fusion::kNone, Fusion::kAuto}) {
        CircuitObjective objective(circuit, observable, {.fusion = fusion});
        std::vector<double> gradient(circuit.parameters());
        objective.value_and_gradient(circuit.angles(), gradient);
        CHECK(largest(gradient, expected) < 1e-12);
      }
    }
  }
}

TEST_CASE("gradient: finite differences of a fidelity") {
  const Circuit circuit = test::random_circuit(3, 25, 11);
  const State target = simulate(test::random_circuit(3, 25, 12));
  CircuitObjective objective(circuit, Observable::projector(target));
  std::vector<double> angles = circuit.angles(), gradient(angles.size());
  const double value = objective.value_and_gradient(angles, gradient);
  CHECK(value == doctest::Approx(fidelity(target, simulate(circuit))));
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const double center = angles[i], step = 1e-5;
    angles[i] = center + step;
    const double above = objective.value(angles);
    angles[i] = center - step;
    const double below = objective.value(angles);
    angles[i] = center;
    CHECK(gradient[i] == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
  }
}

TEST_CASE("gradient: what does not go together is refused") {
  CHECK_THROWS_WITH_AS(CircuitObjective(Circuit(2), Observable(PauliSum(3))),
                       doctest::Contains("circuit has 2 qubits, the observable 3"), Error);
  Circuit circuit(1);
  circuit.add("RX", {0}, {0.1});
  CircuitObjective objective(circuit, Observable(PauliSum(1)));
  std::vector<double> gradient;
  CHECK_THROWS_AS(objective.value_and_gradient(std::vector<double>{0.1}, gradient), Error);
  CHECK_THROWS_WITH_AS(objective.value(std::vector<double>{std::nan("")}),
                       doctest::Contains("nan is not a finite number"), Error);
}

TEST_CASE("fit: without angles one step shows that nothing changes") {
  Circuit circuit(4);
  circuit.add("X", {0});
  circuit.add("X", {1});
  const CircuitFit fit = fit_adagrad(circuit, Observable(hydrogen_molecule()));
  CHECK(fit.value == doctest::Approx(-1.1173489211));  // Hartree-Fock, quantum-as.md section 3.3
  CHECK(fit.steps == 1);
  CHECK(fit.converged);
}

TEST_CASE("fit: batches do not depend on threads") {
  std::vector<Circuit> circuits;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    circuits.push_back(test::random_circuit(4, 10, seed));
  }
  const Observable observable(hydrogen_molecule());
  const auto one = fit_circuits(circuits, observable, {.max_steps = 10}, 1);
  const auto two = fit_circuits(circuits, observable, {.max_steps = 10}, 2);
  for (std::size_t i = 0; i < circuits.size(); ++i) {
    CHECK(one[i].value == two[i].value);
    CHECK(one[i].angles == two[i].angles);
  }
}
