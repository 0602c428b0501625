#include "hwmodels/kernel_detection.h"

#include <algorithm>

namespace nas {
namespace {

constexpr NodeId kNone = static_cast<NodeId>(-1);

}  // namespace

NetworkKernels::NetworkKernels(const ArchGraph& graph, const FusionRules& rules)
    : graph_(graph), running_(graph), readers_(graph.size(), 0) {
  for (const GraphOutput& output : graph.graph_outputs()) {
    readers_[output.value.node] += 2;  // read after the last node: never overwritten, never fused
  }
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (!running_.runs(node)) continue;
    for (const PortRef& input : inputs(node)) ++readers_[input.node];
  }
  put_together(rules);
}

bool NetworkKernels::passes_on(NodeId node) const {
  const OpSchema& op = graph_.op(node);
  if (!op.neutral.exists || inputs(node).size() != 1) return false;
  if (graph_.type(inputs(node).front()) != graph_.output_types(node).front()) return false;
  return std::ranges::all_of(op.neutral.attrs, [&](std::string_view attr) {
    return attr.empty() || graph_.get_int(node, attr) == op.neutral.value;
  });
}

/// Its memory is free for its only reader.
bool NetworkKernels::expendable(NodeId node) const {
  return readers_[node] == 1 && !graph_.inputs(node).empty() && !passes_on(node) &&
         graph_.op(node).role != OpRole::kStructure;
}

bool NetworkKernels::in_place(NodeId node) const {
  const std::span<const PortRef> read = inputs(node);
  const auto free = [&](const PortRef& input) { return expendable(input.node); };
  if (is_sum(graph_.op(node))) return std::ranges::any_of(read, free);
  return graph_.op(node).in_place && free(read.front());
}

KernelOp NetworkKernels::op_at(NodeId node) const {
  std::vector<TensorType> types;
  for (const PortRef& input : inputs(node)) types.push_back(graph_.type(input));
  return make_kernel_op(graph_.op(node), graph_.attrs(node), std::move(types), in_place(node));
}

NodeId NetworkKernels::only_reader(NodeId node) const {
  if (readers_[node] != 1) return kNone;
  for (const Consumer& consumer : graph_.consumers(node)) {
    if (running_.runs(consumer.node)) return consumer.node;
  }
  return kNone;
}

void NetworkKernels::put_together(const FusionRules& rules) {
  std::vector<bool> done(graph_.size(), false);
  for (NodeId node = 0; node < graph_.size(); ++node) {
    if (!running_.runs(node) || done[node]) continue;
    done[node] = true;
    if (graph_.inputs(node).empty() || passes_on(node)) continue;
    nodes_.push_back(node);
    for (NodeId tail = node; !rules.empty();) {
      const NodeId reader = only_reader(tail);
      if (reader == kNone || done[reader] || passes_on(reader)) break;
      const bool ready = std::ranges::all_of(inputs(reader), [&](const PortRef& input) {
        return input.node == tail || done[input.node];
      });
      if (!ready ||
          !rules.pairs.contains({kernel_op_kind(op_at(tail)), kernel_op_kind(op_at(reader))})) {
        break;
      }
      done[reader] = true;
      nodes_.push_back(reader);
      tail = reader;
    }
    ends_.push_back(static_cast<std::uint32_t>(nodes_.size()));
  }
}

std::span<const NodeId> NetworkKernels::nodes(std::size_t kernel) const {
  const std::size_t begin = kernel == 0 ? 0 : ends_[kernel - 1];
  return std::span(nodes_).subspan(begin, ends_[kernel] - begin);
}

std::uint64_t NetworkKernels::key(std::size_t kernel) const {
  std::uint64_t key = 0;
  for (const NodeId node : nodes(kernel)) {
    key = stable_mix(key, graph_.op(node).name_hash);
    for (const AttrValue attr : graph_.attrs(node)) key = stable_mix(key, attr.bits());
    for (const PortRef& input : inputs(node)) {
      const TensorType& type = graph_.type(input);
      key = stable_mix(key, static_cast<std::uint64_t>(type.element));
      for (const std::int64_t dim : type.shape.dims()) {
        key = stable_mix(key, static_cast<std::uint64_t>(dim));
      }
    }
    key = stable_mix(key, in_place(node) ? 1 : 0);
  }
  return key;
}

Kernel NetworkKernels::kernel(std::size_t index) const {
  Kernel kernel;
  for (const NodeId node : nodes(index)) kernel.ops.push_back(op_at(node));
  return kernel;
}

}  // namespace nas
