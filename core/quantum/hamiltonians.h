#pragma once

#include <vector>

#include "core/quantum/pauli_sum.h"

namespace nas {

/// sum_i zz Z_i Z_(i+1) + sum_i x X_i on a ring, or an open chain. On a ring with zz = x = 1 the
/// ground energy of an even number n of qubits is -sum_k sqrt(2 + 2 cos k), k = (2m + 1) pi / n.
PauliSum transverse_ising(int qubits, double zz, double x, bool ring = true);
/// sum over bonds of coupling (XX + YY + ZZ) + sum_i field Z_i on an open chain.
PauliSum heisenberg(int qubits, double coupling = 1, double field = 1);
/// H2 in STO-3G at 1.3228 bohr, Jordan-Wigner, 4 qubits (quantum-as.md, section 3.3). Ground energy
/// -1.1361891625.
PauliSum hydrogen_molecule();

struct QubitEdge {
  int a = 0;
  int b = 0;
};
/// 1/2 sum over edges (Z_a Z_b - 1): minus the number of cut edges. Throws Error(kUsage) on an edge
/// to a missing qubit or from a qubit to itself.
PauliSum cut_hamiltonian(int qubits, const std::vector<QubitEdge>& edges);
/// The paper's objective, -(n/2) (1 - <H>) with the above H: its code sums over the nodes of the
/// graph with the full operator each time, hence the factor (quantum-as.md, section 3.3).
PauliSum cut_objective(int qubits, const std::vector<QubitEdge>& edges);
/// The paper's graphs of 4 and of 8 nodes: maximum cuts 4 and 12, objectives -10 and -52.
std::vector<QubitEdge> published_graph(int qubits);

}  // namespace nas
