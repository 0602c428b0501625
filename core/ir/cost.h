#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

/// Totals for one sample. Operation costs come from OpSchema::cost, the only place that counts
/// MACs.
struct GraphCost {
  std::int64_t params = 0;     ///< trainable, dead nodes included (as the published tables count)
  std::int64_t macs = 0;       ///< dead nodes included; conventions: OpCost
  std::int64_t bias_macs = 0;  ///< biases of linear layers, which some tables count as MACs
  std::int64_t norm_macs = 0;  ///< 2 for each element of a batch normalisation, likewise
  std::int64_t activation_bytes = 0;  ///< sum of all outputs
};

GraphCost graph_cost(const ArchGraph& graph);

/// Size of a quantum circuit: of a graph whose inputs are all quantum wires. Zeros for any other.
struct CircuitCost {
  std::int64_t qubits = 0;
  std::int64_t gates = 0;
  std::int64_t two_qubit_gates = 0;  ///< on two wires or more
  std::int64_t rotations = 0;        ///< gates with angles
  std::int64_t depth = 0;            ///< gates on the longest chain; every gate counts 1
};
CircuitCost circuit_cost(const ArchGraph& graph);
/// Are all inputs quantum wires, at least one?
bool is_circuit(const ArchGraph& graph);

/// The most bytes that are alive at once in one inference of one sample (weights excluded) when
/// nodes run in topological order and a tensor is freed after its last reader. In-place operations
/// (an activation that is its input's only reader) reuse their input's memory.
struct MemoryLiveness {
  std::int64_t peak_bytes = 0;
  NodeId peak_node = 0;                  ///< the node that runs at the peak
  std::vector<std::int64_t> live_bytes;  ///< by node: bytes alive while it runs
};
MemoryLiveness activation_memory(const ArchGraph& graph);

}  // namespace nas
