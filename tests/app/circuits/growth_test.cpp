#include "app/circuits/growth.h"

#include <doctest/doctest.h>

#include <iostream>

#include "core/quantum/ground_energy.h"
#include "core/quantum/hamiltonians.h"
#include "core/quantum/simulator.h"
#include "core/util/file.h"
#include "tests/app/study/study_testing.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

GrowthReport grown(const GrowthRequest& request) {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  return grow_circuits(session, request);
}

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

TEST_CASE("growth: the ground state of H2 by few CNOTs, counted from |0000>") {
  GrowthRequest request;
  request.data = "ground_state:h2";
  request.most_cnots = 4;
  request.error = 1e-6;
  request.fits = 400;
  const GrowthReport report = grown(request);
  REQUIRE(report.front.size() >= 2);
  CHECK(report.front[0].circuit.two_qubit_gates() == 0);
  // No product state is lower.
  CHECK(report.front[0].values[0].value == doctest::Approx(-1.1173489211).epsilon(1e-6));
  CHECK(report.good_enough);
  const Circuit& circuit = report.chosen.circuit;
  CHECK(circuit.count("CNOT") == 3);  // a GHZ-like state of four qubits takes three
  CHECK(circuit.parameters() < 10);   // of 4 + 2 * 3
  const Observable observable(hydrogen_molecule());
  CHECK(observable.expectation(simulate(circuit)) ==
        doctest::Approx(report.chosen.values[0].value).epsilon(1e-12));
  CHECK(report.chosen.values[0].value <= ground_energy(observable) + 1e-6);
  CHECK(grown(request).chosen.circuit == circuit);  // equal seeds, equal results
}

TEST_CASE("growth: CNOTs keep to the pairs that a device joins") {
  GrowthRequest request;
  request.data = "ground_state:h2";
  request.most_cnots = 3;
  request.fits = 60;
  request.coupling = "line";
  const GrowthReport report = grown(request);
  CHECK(report.front.size() == 4);
  for (const GrownCircuit& one : report.front) {
    CHECK(one.circuit.two_qubit_gates() <= 3);
    for (const Gate& gate : one.circuit.gates()) {
      if (gate.on().size() == 2) CHECK(std::abs(gate.qubits[0] - gate.qubits[1]) == 1);
    }
  }
}

TEST_CASE("growth: a state with phases is prepared too") {
  GrowthRequest request;
  request.data = "state_preparation:random:2,3";
  request.most_cnots = 2;
  request.error = 1e-6;
  request.fits = 60;
  const GrowthReport report = grown(request);
  CHECK(report.good_enough);
  CHECK(report.chosen.circuit.two_qubit_gates() <= 1);  // enough for every state of two qubits
  CHECK(report.chosen.values[0].value == doctest::Approx(1).epsilon(1e-5));
}

TEST_CASE("acceptance: grown circuits have fewer gates and smaller errors than published ones") {
  const auto folder = test_data("quantum-molecules");
  if (folder.empty()) return;
  for (const Molecule& molecule : kMolecules) {
    CAPTURE(molecule.file);
    const std::filesystem::path file = folder / molecule.file;
    GrowthRequest request;
    request.data = "ground_state:" + file.string();
    request.most_cnots = molecule.cnots;
    request.error = molecule.error;
    request.fits = 4000;
    request.seed = 1;
    const GrowthReport report = grown(request);
    REQUIRE(report.good_enough);
    const Circuit& circuit = report.chosen.circuit;
    CHECK(circuit.count("CNOT") <= molecule.cnots);
    CHECK(circuit.parameters() <= molecule.rotations);
    const PauliSum sum = PauliSum::parse(read_file(file), file.string());
    const double error = expectation(simulate(circuit), sum) - ground_energy(Observable(sum));
    CHECK(error <= molecule.error);
    CHECK(error > -1e-9);
    std::cout << molecule.file << ": error " << error << ", " << circuit.count("CNOT") << " CNOT, "
              << circuit.parameters() << " rotations, " << report.seconds << " s\n";
  }
}
