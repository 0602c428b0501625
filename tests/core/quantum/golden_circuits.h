#pragma once

#include <string>
#include <vector>

#include "core/quantum/circuit.h"

namespace nas::test {

/// One circuit of quantum-golden's circuits_*_golden.json.gz, with what an independent simulator
/// says of it. "energy" is of H2 (4 qubits) or of the Ising ring (8).
struct GoldenCircuit {
  Circuit circuit;
  std::vector<Amplitude> state;
  double energy, cut;
  std::vector<double> energy_gradient, cut_gradient;
  double energy_fitted, cut_fitted;
  int energy_steps, cut_steps;
};
/// Empty, after a loud line, where the data are absent.
std::vector<GoldenCircuit> golden_circuits(int qubits);

/// The circuits of circuits_4q_20k.csv.gz or circuits_8q_5k.csv.gz and their labels.
struct LabelledCircuits {
  std::vector<Circuit> circuits;
  std::vector<Circuit> target;  ///< one: of the fidelity task
  struct Label {
    double energy, cut, fidelity;
    int energy_steps, cut_steps, fidelity_steps;
  };
  std::vector<Label> labels;
};
LabelledCircuits labelled_circuits(int qubits);

}  // namespace nas::test
