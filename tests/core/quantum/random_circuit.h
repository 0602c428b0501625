#pragma once

#include <string>
#include <vector>

#include "core/quantum/circuit.h"
#include "core/util/rng.h"

namespace nas::test {

/// Gates of all kinds that fit into so many qubits, drawn uniformly.
inline Circuit random_circuit(int qubits, int gates, std::uint64_t seed) {
  Rng rng({.seed = seed});
  Circuit circuit(qubits);
  while (static_cast<int>(circuit.gates().size()) < gates) {
    const GateKind& kind = gate_kinds()[rng.below(gate_kinds().size())];
    if (kind.qubits() > qubits) continue;
    std::vector<int> all(static_cast<std::size_t>(qubits));
    for (int q = 0; q < qubits; ++q) all[static_cast<std::size_t>(q)] = q;
    rng.shuffle(std::span(all));
    all.resize(static_cast<std::size_t>(kind.qubits()));
    std::vector<double> angles(static_cast<std::size_t>(kind.angles));
    for (double& angle : angles) angle = rng.uniform(-7, 7);
    circuit.add(kind, all, angles);
  }
  return circuit;
}

/// U |0...0> by the definition: every gate's matrix on every amplitude, without any of the
/// simulator's kernels.
inline std::vector<Amplitude> plain_state(const Circuit& circuit) {
  const int n = circuit.qubits();
  std::vector<Amplitude> state(std::size_t{1} << n);
  state[0] = 1;
  for (const Gate& gate : circuit.gates()) {
    const auto k = gate.on().size();
    const auto matrix =
        full_matrix(*gate.kind, {gate.angles.data(), static_cast<std::size_t>(gate.kind->angles)});
    std::vector<Amplitude> next(state.size());
    for (std::size_t i = 0; i < state.size(); ++i) {
      std::size_t row = 0;
      for (const int q : gate.on()) row = 2 * row + (i >> (n - 1 - q) & 1);
      for (std::size_t column = 0; column < (std::size_t{1} << k); ++column) {
        std::size_t from = i;
        for (std::size_t b = 0; b < k; ++b) {
          const std::size_t bit = std::size_t{1} << (n - 1 - gate.on()[b]);
          const bool one = (column >> (k - 1 - b) & 1) != 0;
          from = one ? from | bit : from & ~bit;
        }
        next[i] += matrix[(row << k) + column] * state[from];
      }
    }
    state = std::move(next);
  }
  return state;
}

}  // namespace nas::test
