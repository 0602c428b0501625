#pragma once

#include "core/ir/arch_graph.h"
#include "core/quantum/circuit.h"

// A circuit and the graph that spaces, stores and drawings know it as: the one place that goes from
// one to the other. A gate "rx" is the operation "gate_rx" (core/ops/quantum.cpp); its angles are
// the operation's attributes, in order. Graph input and output k are qubit k; the outputs are "q0",
// "q1".

namespace nas {

ArchGraph to_graph(const Circuit& circuit);

/// Gates in the order of the nodes. Throws Error(kUsage) naming the node for a graph that is no
/// circuit: an input that is no quantum wire, another operation, an output that is another wire.
Circuit to_circuit(const ArchGraph& graph);

/// The graph with these angles, in the order of its nodes. Throws as `Circuit::set_angles`.
ArchGraph with_angles(const ArchGraph& graph, std::span<const double> angles);

}  // namespace nas
