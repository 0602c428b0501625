#pragma once

// The storage of ArchGraph; included by .cpp files of core/ir only.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

struct ArchGraph::Data {
  struct Node {
    const OpSchema* op;
    std::uint32_t attrs;   ///< first of op->attrs.size() entries of `attrs`
    std::uint32_t inputs;  ///< first of input_count entries of `inputs`
    std::uint32_t input_count;
    std::uint32_t outputs;  ///< first of output_count entries of `types`
    std::uint32_t output_count;
    std::uint32_t scope;    ///< index into `scopes`
    std::uint32_t ordinal;  ///< number of earlier nodes of the same operation in the same scope
    friend bool operator==(const Node&, const Node&) = default;
  };
  struct ScopeText {
    std::uint32_t offset;  ///< into `scope_text`
    std::uint32_t length;
    friend bool operator==(const ScopeText&, const ScopeText&) = default;
  };

  struct RegionRecord {
    const OpSchema* op = nullptr;  ///< none while it is open
    NodeId begin = 0, end = 0;
    PortRef output{};
    std::uint32_t attrs = 0;   ///< first of op->attrs.size() entries of `region_attrs`
    std::uint32_t inputs = 0;  ///< first of input_count entries of `region_inputs`
    std::uint32_t input_count = 0;
    std::size_t parent = Region::kNone;
    bool makes_output() const { return output.node >= begin && output.node < end; }
  };

  std::vector<Node> nodes;
  std::vector<AttrValue> attrs;
  std::vector<PortRef> inputs;
  std::vector<TensorType> types;
  std::vector<ScopeText> scopes;  ///< numbered by first use, so that equal graphs have equal data
  std::string scope_text;
  std::vector<std::uint32_t> consumer_begin;  ///< size() + 1 entries
  std::vector<Consumer> consumers;
  std::vector<NodeId> graph_inputs;
  std::vector<GraphOutput> graph_outputs;
  std::vector<RegionRecord> regions;
  std::vector<AttrValue> region_attrs;
  std::vector<PortRef> region_inputs;

  std::string_view scope(std::uint32_t index) const {
    return std::string_view(scope_text).substr(scopes[index].offset, scopes[index].length);
  }
  std::span<const PortRef> node_inputs(const Node& node) const {
    return std::span(inputs).subspan(node.inputs, node.input_count);
  }
  std::span<const TensorType> node_types(const Node& node) const {
    return std::span(types).subspan(node.outputs, node.output_count);
  }
  const TensorType& type(PortRef value) const {
    return types[nodes[value.node].outputs + value.port];
  }

  /// Removes regions that were never closed, and finds the parents of the others.
  void link_regions();
  /// Fills `consumer_begin` and `consumers` from the inputs.
  void index_consumers();
};

/// A node as its schema's functions see it, while the graph lives. Nothing is allocated for a node
/// with one input, which all that cost something or own tensors are.
class NodeCall {
 public:
  NodeCall(const ArchGraph::Data& data, NodeId id);
  NodeCall(const NodeCall&) = delete;
  NodeCall& operator=(const NodeCall&) = delete;
  const OpCall& call() const { return call_; }

 private:
  std::array<AttrValue, kMaxAttrs> attrs_;  // a copy, since `infer` may write
  std::vector<TensorType> several_;
  OpCall call_;
};

/// scope + "/" + operation + (":" + ordinal).
std::string node_path(std::string_view scope, std::string_view op, std::uint32_t ordinal);

}  // namespace nas
