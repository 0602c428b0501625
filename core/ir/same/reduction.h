#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

/// A value after rewriting: an output port of a node of the original graph, or all zeros of a type.
struct ReducedValue {
  static constexpr NodeId kZeros = 0xffffffff;
  NodeId node = 0;
  std::uint32_t port = 0;  ///< zeros: index into Reduction::zero_types
  bool is_zeros() const { return node == kZeros; }
  friend bool operator==(const ReducedValue&, const ReducedValue&) = default;
};

/// A graph with the rewrites of `simplified` found but not yet applied, so that `digest` need not
/// build a graph. Zeros of one type are one value here, whatever they were made from.
struct Reduction {
  struct Node {
    const OpSchema* op = nullptr;
    std::uint32_t first_input = 0, input_count = 0;  ///< in `inputs`; added zeros are left out
    ReducedValue value;                              ///< what its first output is equal to
    bool live = false;                               ///< an output needs it, or it is a graph input
  };
  std::vector<Node> nodes;  ///< by NodeId of the original graph
  std::vector<ReducedValue> inputs;
  std::vector<TensorType> zero_types;
  std::vector<char> zero_live;  ///< by zero type
  std::vector<ReducedValue> outputs;

  std::span<const ReducedValue> inputs_of(const Node& node) const {
    return {inputs.data() + node.first_input, node.input_count};
  }
};

Reduction reduce(const ArchGraph& graph);

}  // namespace nas
