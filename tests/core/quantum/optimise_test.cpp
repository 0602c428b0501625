#include "core/quantum/optimise.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/quantum/ground_energy.h"
#include "core/quantum/hamiltonians.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// RY on each wire, a chain of CNOTs, RY again.
Circuit ansatz(int qubits) {
  Circuit circuit(qubits);
  for (int q = 0; q < qubits; ++q) circuit.add("RY", {q}, {0.1});
  for (int q = 0; q + 1 < qubits; ++q) circuit.add("CNOT", {q, q + 1});
  for (int q = 0; q < qubits; ++q) circuit.add("RY", {q}, {0.1});
  return circuit;
}

}  // namespace

TEST_CASE("optimise: the smallest eigenvalue of Z + X is -sqrt 2 by every rule") {
  PauliSum sum(1);
  sum.add(1, "Z");
  sum.add(1, "X");
  Circuit circuit(1);
  circuit.add("RY", {0}, {0});
  for (const char* rule : {"adagrad", "adam", "lbfgs", "spsa"}) {
    CAPTURE(rule);
    const FitOptions options{
        .rule = parse_fit_rule(rule), .max_steps = 400, .step = 0.3, .tolerance = 1e-12};
    const CircuitFit fit = fit_circuit(circuit, Observable(sum), {0.3}, options, Rng({.seed = 1}));
    CHECK(fit.value == doctest::Approx(-std::sqrt(2.0)).epsilon(1e-4));
  }
  CHECK_THROWS_WITH_AS(parse_fit_rule("adagard"), doctest::Contains("did you mean 'adagrad'"),
                       Error);
}

TEST_CASE("optimise: shots blur what spsa sees, the result's value is exact") {
  const Observable observable(hydrogen_molecule());
  const Circuit circuit = ansatz(4);
  const FitOptions options{.rule = FitRule::kSpsa, .max_steps = 50, .step = 0.3, .shots = 100};
  const CircuitFit noisy =
      fit_circuit(circuit, observable, circuit.angles(), options, Rng({.seed = 1}));
  CircuitObjective objective(circuit, observable);
  CHECK(noisy.value == objective.value(noisy.angles));
  const CircuitFit other =
      fit_circuit(circuit, observable, circuit.angles(), options, Rng({.seed = 2}));
  CHECK(noisy.value != other.value);
}

TEST_CASE("optimise: a circuit without angles has its value") {
  Circuit circuit(4);
  circuit.add("X", {0});
  circuit.add("X", {1});
  for (const char* rule : {"adagrad", "adam", "lbfgs", "spsa"}) {
    CAPTURE(rule);
    const CircuitFit fit = fit_circuit(circuit, Observable(hydrogen_molecule()), {},
                                       {.rule = parse_fit_rule(rule)}, Rng({.seed = 1}));
    CHECK(fit.value == doctest::Approx(-1.1173489211).epsilon(1e-9));  // Hartree-Fock, the sheet
  }
}

TEST_CASE("ground energy: H2 and transverse Ising rings have the energies of the sheet") {
  CHECK(ground_energy(Observable(hydrogen_molecule())) ==
        doctest::Approx(-1.1361891625).epsilon(1e-10));
  const std::pair<int, double> rings[] = {{4, -5.22625}, {6, -7.72741}, {8, -10.25166179}};
  for (const auto& [qubits, energy] : rings) {
    CAPTURE(qubits);
    CHECK(std::abs(ground_energy(Observable(transverse_ising(qubits, 1, 1))) - energy) < 6e-6);
  }
  PauliSum seventeen(17);
  seventeen.add_sparse(1, "Z0");
  CHECK_THROWS_WITH_AS(ground_energy(Observable(seventeen)), doctest::Contains("at most 16"),
                       Error);
}

}  // namespace nas
