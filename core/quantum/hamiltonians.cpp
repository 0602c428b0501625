#include "core/quantum/hamiltonians.h"

#include <cstdint>
#include <string>

#include "core/quantum/qubit_bit.h"
#include "core/util/error.h"

namespace nas {
PauliSum transverse_ising(int qubits, double zz, double x, bool ring) {
  PauliSum sum(qubits);
  const int bonds = ring && qubits > 2 ? qubits : qubits - 1;
  for (int i = 0; i < bonds; ++i) {
    sum.add(PauliTerm{zz, 0, qubit_bit(i, qubits) | qubit_bit((i + 1) % qubits, qubits)});
  }
  for (int i = 0; i < qubits; ++i) sum.add(PauliTerm{x, qubit_bit(i, qubits), 0});
  return sum;
}

PauliSum heisenberg(int qubits, double coupling, double field) {
  PauliSum sum(qubits);
  for (int i = 0; i + 1 < qubits; ++i) {
    const std::uint64_t pair = qubit_bit(i, qubits) | qubit_bit(i + 1, qubits);
    sum.add(PauliTerm{coupling, pair, 0});
    sum.add(PauliTerm{coupling, pair, pair});
    sum.add(PauliTerm{coupling, 0, pair});
  }
  for (int i = 0; i < qubits; ++i) sum.add(PauliTerm{field, 0, qubit_bit(i, qubits)});
  return sum;
}

PauliSum hydrogen_molecule() {
  PauliSum sum(4);
  sum.add(-0.04207255194743911, "IIII");
  for (const char* z : {"ZIII", "IZII"}) sum.add(0.17771358229091769, z);
  for (const char* z : {"IIZI", "IIIZ"}) sum.add(-0.24274501260941422, z);
  for (const char* z : {"ZIZI", "IZIZ"}) sum.add(0.12293330449299361, z);
  for (const char* z : {"ZIIZ", "IZZI"}) sum.add(0.16768338855601356, z);
  sum.add(0.17059759276836803, "ZZII");
  sum.add(0.17627661394181787, "IIZZ");
  for (const char* hop : {"YYXX", "XXYY"}) sum.add(-0.04475008406301995, hop);
  for (const char* hop : {"YXXY", "XYYX"}) sum.add(0.04475008406301995, hop);
  return sum;
}

PauliSum cut_hamiltonian(int qubits, const std::vector<QubitEdge>& edges) {
  PauliSum sum(qubits);
  for (const QubitEdge& edge : edges) {
    const bool inside = edge.a >= 0 && edge.b >= 0 && edge.a < qubits && edge.b < qubits;
    if (!inside || edge.a == edge.b) {
      throw Error(ErrorKind::kUsage, "edge " + std::to_string(edge.a) + "-" +
                                         std::to_string(edge.b) + " does not join two of " +
                                         std::to_string(qubits) + " qubits");
    }
    sum.add(PauliTerm{0.5, 0, qubit_bit(edge.a, qubits) | qubit_bit(edge.b, qubits)});
  }
  sum.add(PauliTerm{-0.5 * static_cast<double>(edges.size()), 0, 0});
  return sum;
}

std::vector<QubitEdge> published_graph(int qubits) {
  if (qubits == 4) return {{0, 1}, {0, 3}, {1, 2}, {2, 3}};
  if (qubits == 8) {
    return {{0, 1}, {0, 6}, {0, 7}, {1, 2}, {1, 6}, {2, 4}, {2, 7}, {3, 7},
            {3, 6}, {4, 5}, {4, 6}, {5, 1}, {5, 6}, {5, 7}, {6, 7}};
  }
  throw Error(ErrorKind::kUsage,
              "the paper has graphs of 4 and of 8 nodes, not of " + std::to_string(qubits));
}

PauliSum cut_objective(int qubits, const std::vector<QubitEdge>& edges) {
  return cut_hamiltonian(qubits, edges).scaled(qubits / 2.0, -qubits / 2.0);
}

}  // namespace nas
