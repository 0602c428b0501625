#include "hwmodels/running_nodes.h"

#include <algorithm>
#include <ranges>

#include "core/ir/reachability.h"

namespace nas {

bool is_sum(const OpSchema& op) {
  return op.role == OpRole::kMerge && op.commutative;
}

RunningNodes::RunningNodes(const ArchGraph& graph) : running_(graph.size(), false) {
  first_.reserve(graph.size() + 1);
  for (NodeId node = 0; node < graph.size(); ++node) {
    first_.push_back(static_cast<std::uint32_t>(inputs_.size()));
    const std::span<const PortRef> all = graph.inputs(node);
    const bool sum = is_sum(graph.op(node));
    for (const PortRef& input : all) {
      const bool zeros = graph.op(input.node).zero_rule == ZeroRule::kMakes;
      if (!sum || !zeros) inputs_.push_back(input);
    }
    if (inputs_.size() == first_.back() && !all.empty()) inputs_.push_back(all.front());
  }
  first_.push_back(static_cast<std::uint32_t>(inputs_.size()));
  for (const GraphOutput& output : graph.graph_outputs()) running_[output.value.node] = true;
  mark_needed(running_, [&](std::size_t node) {
    return inputs(static_cast<NodeId>(node)) | std::views::transform(&PortRef::node);
  });
}

bool RunningNodes::any(NodeId begin, NodeId end) const {
  const auto first = running_.begin() + begin, last = running_.begin() + end;
  return std::find(first, last, true) != last;
}

}  // namespace nas
