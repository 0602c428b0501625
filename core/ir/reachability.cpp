#include "core/ir/reachability.h"

#include <algorithm>
#include <boost/graph/dominator_tree.hpp>
#include <ranges>

#include "core/ir/boost_graph.h"

namespace nas {

std::vector<bool> needed_nodes(const ArchGraph& graph) {
  std::vector<bool> needed(graph.size(), false);
  for (const GraphOutput& output : graph.graph_outputs()) needed[output.value.node] = true;
  mark_needed(needed, [&](std::size_t node) {
    return graph.inputs(static_cast<NodeId>(node)) | std::views::transform(&PortRef::node);
  });
  return needed;
}

std::vector<NodeId> nodes_on_all_paths(const ArchGraph& graph, NodeId node) {
  // Boost's algorithm takes every vertex to be reachable.
  NAS_CHECK(graph.graph_inputs().size() == 1, "cuts of a graph with several inputs");
  const NodeId first = graph.graph_inputs().front();
  std::vector<NodeId> dominators(graph.size(), BoostGraph::null_vertex());
  boost::lengauer_tarjan_dominator_tree(
      graph, first,
      boost::make_iterator_property_map(dominators.begin(), get(boost::vertex_index, graph)));
  std::vector<NodeId> nodes{node};
  while (nodes.back() != first) nodes.push_back(dominators[nodes.back()]);
  std::ranges::reverse(nodes);
  return nodes;
}

}  // namespace nas
