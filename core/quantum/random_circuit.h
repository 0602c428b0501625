#pragma once

#include "core/quantum/circuit.h"
#include "core/util/rng.h"

namespace nas {

/// The random circuits of quantum-as.md, section 2.2.
struct RandomCircuitOptions {
  int qubits = 4;
  int gates = 10;
  int depth = 5;  ///< at most
};

/// Gate uniform over the paper's eleven, qubit uniform; a CNOT's target is the next qubit of the
/// ring, the other qubit of CZ and SWAP is uniform; angles in [0, 2 pi). A circuit that becomes too
/// deep is thrown away whole. Throws Error(kUsage) where a million are.
Circuit random_circuit(const RandomCircuitOptions& options, Rng& rng);

}  // namespace nas
