#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/ir/arch_graph.h"

namespace nas {

/// A graph that is built again node by node, in order, with what became of each node: the frame of
/// rewrites that keep most of a graph.
class Rebuild {
 public:
  explicit Rebuild(const ArchGraph& graph) : graph_(graph), values_(graph.size()) {}

  /// What a node's inputs have become.
  std::vector<Value> inputs(NodeId node) const;

  void copy(NodeId node, std::string_view scope);
  /// With other attributes, in schema order.
  void copy(NodeId node, std::string_view scope, std::span<const AttrValue> attrs);
  /// Leaves a node out: its value is that of its first input.
  void pass(NodeId node) { values_[node] = inputs(node)[0]; }
  /// Puts `value`, made with `builder()`, in the place of a node.
  void replace(NodeId node, Value value) { values_[node] = value; }

  Value value(NodeId node) const { return values_[node]; }
  ArchBuilder& builder() { return builder_; }

  /// With the outputs of the graph; the object is spent.
  ArchGraph finish();

 private:
  const ArchGraph& graph_;
  ArchBuilder builder_;
  std::vector<Value> values_;
};

}  // namespace nas
