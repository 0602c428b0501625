#pragma once

#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

/// Marks, from the marked nodes back, all nodes that they need. Nodes are numbered so that inputs
/// have smaller numbers; `inputs_of(node)` gives those that a node reads. (One walk against the
/// order: Boost's searches need a queue and colours, docs/performance.md.)
template <class InputsOf>
void mark_needed(std::vector<bool>& needed, const InputsOf& inputs_of) {
  for (std::size_t node = needed.size(); node-- > 0;) {
    if (!needed[node]) continue;
    for (const auto input : inputs_of(node)) needed[input] = true;
  }
}

/// By node: some graph output needs it.
std::vector<bool> needed_nodes(const ArchGraph& graph);

/// The nodes that every path from the graph's input to `node` runs through, in their order, both
/// ends included: where a network can be cut in two. Requires a graph with one input.
std::vector<NodeId> nodes_on_all_paths(const ArchGraph& graph, NodeId node);

}  // namespace nas
