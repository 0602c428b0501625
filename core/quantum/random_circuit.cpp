#include "core/quantum/random_circuit.h"

#include <numbers>
#include <string>
#include <vector>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kPaperGates = 11;  // the first of `gate_kinds`

int below(Rng& rng, int n) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
}

void add_random_gate(Circuit& circuit, Rng& rng) {
  const int n = circuit.qubits();
  const GateKind& kind = gate_kinds()[rng.below(kPaperGates)];
  std::vector<int> qubits{below(rng, n)};
  if (kind.qubits() == 2) {
    const int step = kind.symmetric ? 1 + below(rng, n - 1) : 1;
    qubits.push_back((qubits[0] + step) % n);
  }
  std::vector<double> angles;
  for (int k = 0; k < kind.angles; ++k) angles.push_back(rng.uniform(0, 2 * std::numbers::pi));
  circuit.add(kind, qubits, angles);
}

}  // namespace

Circuit random_circuit(const RandomCircuitOptions& options, Rng& rng) {
  constexpr int kMostTries = 1'000'000;
  if (options.qubits < 2) {
    throw Error(ErrorKind::kUsage,
                "random circuits have two qubits or more, not " + std::to_string(options.qubits));
  }
  for (int i = 0; i < kMostTries; ++i) {
    Circuit circuit(options.qubits);
    while (static_cast<int>(circuit.gates().size()) < options.gates &&
           circuit.depth() <= options.depth) {
      add_random_gate(circuit, rng);
    }
    if (circuit.depth() <= options.depth) return circuit;
  }
  throw Error(ErrorKind::kUsage, "a million random circuits of " + std::to_string(options.gates) +
                                     " gates on " + std::to_string(options.qubits) +
                                     " qubits were all deeper than " +
                                     std::to_string(options.depth));
}

}  // namespace nas
