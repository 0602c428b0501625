#include "core/quantum/grow.h"

#include <doctest/doctest.h>

#include <cmath>
#include <iostream>

#include "core/quantum/ground_energy.h"
#include "core/quantum/hamiltonians.h"
#include "core/quantum/simulator.h"
#include "core/util/file.h"
#include "tests/test_data.h"

namespace nas {
namespace {

/// Published circuits, everything counted from |0...0> (quantum-molecules/README.md), and what a
/// circuit has to have to be better.
struct Molecule {
  const char* file;
  double error;
  int cnots;
  std::size_t rotations;
};
constexpr Molecule kMolecules[] = {{"beh2_6q.csv", 5.9e-5, 20, 96},
                                   {"h2o_8q.csv", 1.3e-4, 20, 132},
                                   {"lih_4q_r3.4_parity.csv", 1e-6, 8, 24},
                                   {"heisenberg_5q.csv", 1e-6, 14, 33}};

}  // namespace

TEST_CASE("grow: the ground state of H2 by few CNOTs, counted from |0000>") {
  const Observable observable(hydrogen_molecule());
  const double exact = ground_energy(observable);
  GrowOptions options;
  options.most_pairs = 4;
  options.target = exact + 1e-7;
  options.fits = 400;
  const std::vector<PairCircuit> front = grow(observable, options);
  REQUIRE(front.size() >= 2);
  CHECK(front[0].pairs.empty());
  CHECK(front[0].value == doctest::Approx(-1.1173489211).epsilon(1e-6));  // no product is lower
  const PairCircuit* chosen = nullptr;
  for (const PairCircuit& circuit : front) {
    if (chosen == nullptr && circuit.value <= options.target) chosen = &circuit;
  }
  REQUIRE(chosen != nullptr);
  CHECK(chosen->pairs.size() == 3);  // a GHZ-like state of four qubits takes three
  const PairCircuit small = pruned(observable, *chosen, true, exact + 1e-6);
  const Circuit circuit = to_circuit(small, 4, true);
  CHECK(circuit.count("CNOT") == 3);
  CHECK(circuit.parameters() < chosen->angles.size());
  CircuitObjective objective(circuit, observable);
  CHECK(objective.value(circuit.angles()) == doctest::Approx(small.value).epsilon(1e-12));
  CHECK(grow(observable, options).back().value ==
        front.back().value);  // equal seeds, equal results
}

TEST_CASE("grow: CNOTs keep to the pairs that a device joins") {
  GrowOptions options;
  options.most_pairs = 3;
  options.fits = 60;
  options.edges = {{0, 1}, {1, 2}, {2, 3}};
  for (const PairCircuit& circuit : grow(Observable(hydrogen_molecule()), options)) {
    for (const auto& pair : circuit.pairs) CHECK(pair.second == pair.first + 1);
  }
}

TEST_CASE("acceptance: grown circuits have fewer gates and smaller errors than published ones") {
  const auto folder = test::test_data("quantum-molecules");
  if (folder.empty()) return;
  for (const Molecule& molecule : kMolecules) {
    CAPTURE(molecule.file);
    const PauliSum sum =
        PauliSum::parse(read_file(folder / molecule.file), (folder / molecule.file).string());
    const Observable observable(sum);
    const double exact = ground_energy(observable);
    GrowOptions options;
    options.most_pairs = molecule.cnots;
    options.target = exact + molecule.error;
    options.fits = 4000;
    options.seed = 1;
    const std::vector<PairCircuit> front = grow(observable, options);
    const PairCircuit* chosen = nullptr;
    for (const PairCircuit& circuit : front) {
      if (chosen == nullptr && circuit.value <= options.target) chosen = &circuit;
    }
    REQUIRE(chosen != nullptr);
    const PairCircuit small = pruned(observable, *chosen, true, options.target);
    const Circuit circuit = to_circuit(small, observable.qubits(), true);
    CHECK(circuit.count("CNOT") <= molecule.cnots);
    CHECK(circuit.parameters() <= molecule.rotations);
    const double error = expectation(simulate(circuit), sum) - exact;
    CHECK(error <= molecule.error);
    CHECK(error > -1e-9);
    std::cout << molecule.file << ": error " << error << ", " << circuit.count("CNOT") << " CNOT, "
              << circuit.parameters() << " rotations\n";
  }
}

}  // namespace nas
