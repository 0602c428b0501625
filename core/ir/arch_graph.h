#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/tensor_type.h"
#include "core/ops/op_schema.h"

namespace nas {

/// Position in topological order: a node's inputs have smaller ids.
using NodeId = std::uint32_t;

/// Output `port` of node `node`.
struct PortRef {
  NodeId node = 0;
  std::uint32_t port = 0;
  friend auto operator<=>(const PortRef&, const PortRef&) = default;
};

/// A reader of a node's output: input `in_port` of node `node` reads output `out_port`.
struct Consumer {
  NodeId node;
  std::uint32_t in_port;
  std::uint32_t out_port;
};

struct GraphOutput {
  std::string name;  ///< "logits", "auxiliary", ...
  PortRef value;
  friend bool operator==(const GraphOutput&, const GraphOutput&) = default;
};

/// The nodes that came from one use of a macro, such as one mbconv: what look-up tables, fused
/// kernels and exporters treat as a whole. Nodes of macros inside of it belong to it too.
struct Region {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  const OpSchema* op = nullptr;      ///< the macro
  std::span<const AttrValue> attrs;  ///< of the use, in schema order
  std::span<const PortRef> inputs;   ///< of the use: made before it
  PortRef output;                    ///< of the use: by one of its nodes
  NodeId begin = 0, end = 0;         ///< its nodes: [begin, end), not empty
  std::size_t parent = kNone;        ///< the region around it
};

/// An architecture as a typed directed acyclic graph of primitive operations with static shapes.
///
/// An immutable value, built by `ArchBuilder` (core/ir/arch_builder.h) and only read afterwards;
/// copies share const data, so threads need no locks. NodeId = position in topological order, so
/// that consumers are plain `for` loops. Invariants (verified by `check()`):
///   - acyclic: every input comes from a smaller NodeId;
///   - every input port is fed exactly once, from an existing output port;
///   - every attribute is present, completed and in the range of its schema;
///   - the output types are what `OpSchema::infer` says;
///   - at least one graph output.
/// The graph is faithful: nodes that no output needs are kept (their parameters count in the
/// published tables); `simplified` (core/ir/same/simplify.h) removes them.
///
/// Storage is flat arrays (structure of arrays, CSR edges in both directions) because a search
/// builds millions of graphs; Boost.Graph is used by the algorithms that need it (isomorphism.cpp).
class ArchGraph {
 public:
  struct Data;  // core/ir/arch_graph_data.h, for .cpp files of core/ir only

  ArchGraph();  ///< the empty graph: no node, no output
  explicit ArchGraph(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::size_t size() const;
  bool empty() const { return size() == 0; }

  const OpSchema& op(NodeId node) const;
  std::span<const AttrValue> attrs(NodeId node) const;
  std::int64_t get_int(NodeId node, std::string_view attr) const;
  bool get_bool(NodeId node, std::string_view attr) const;
  double get_real(NodeId node, std::string_view attr) const;

  std::span<const PortRef> inputs(NodeId node) const;
  std::span<const TensorType> output_types(NodeId node) const;
  const TensorType& type(PortRef value) const { return output_types(value.node)[value.port]; }
  std::span<const Consumer> consumers(NodeId node) const;  ///< ascending by node, in_port

  /// Where the node stands in the network: "cells.3/edge_0_2/sep_conv_3x3", may be "".
  std::string_view scope(NodeId node) const;
  /// Unique, stable under changes elsewhere: scope + "/" + operation, and ":k" for the k-th of the
  /// same operation in a scope (k >= 1). Parameter tensors are named path + "." + ParamSpec::name.
  std::string path(NodeId node) const;

  std::span<const NodeId> graph_inputs() const;  ///< nodes of the operation "input", in order
  std::span<const GraphOutput> graph_outputs() const;

  /// Uses of macros that left nodes, ascending by begin; a use inside another stands after it. How
  /// a graph came to be, not what it is: `==`, digests and written forms know no regions.
  std::size_t region_count() const;
  Region region(std::size_t index) const;
  /// The innermost region that a node belongs to, or Region::kNone.
  std::size_t region_of(NodeId node) const;

  /// The tensors a node owns (weights and buffers).
  ParamList params(NodeId node) const;
  OpCost cost(NodeId node) const;

  /// Verifies every invariant again; Throws Error(kInternal).
  void check() const;

  /// Equal node for node (same order, attributes, edges, scopes and output names).
  friend bool operator==(const ArchGraph& a, const ArchGraph& b);

 private:
  std::shared_ptr<const Data> data_;
};

/// Position of a tensor among `graph.params(node)`, or -1.
int param_index(const ArchGraph& graph, NodeId node, std::string_view name);
/// Whether the node normalises by running statistics when it is not trained: batch normalisation.
bool has_running_statistics(const ArchGraph& graph, NodeId node);

}  // namespace nas
