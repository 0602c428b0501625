#pragma once

#include <vector>

#include "core/quantum/circuit.h"

namespace nas {

/// Where each gate of a circuit stands in a drawing: in the first column where all wires it
/// crosses, between its outermost qubits, are free.
struct CircuitLayout {
  std::vector<int> column;  ///< of each gate, in program order
  int columns = 0;
};
CircuitLayout layout_circuit(const Circuit& circuit);

/// "RX 1.57", "U3 0.1, 0.2, 0.3": what stands in the box; multiples of pi as "pi/2".
std::string gate_label(const Gate& gate);

}  // namespace nas
