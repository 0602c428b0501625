#pragma once

#include <optional>
#include <string>

#include "core/ir/arch_graph.h"
#include "core/util/rng.h"

namespace nas {

/// A network that differs from another in one node.
struct NodeMutation {
  ArchGraph graph;
  std::string text;  ///< "cells.3/conv2d: kernel 3 -> 5"
};

/// Changes one random node, anywhere in the network:
///   - its operation: an activation into another one, a pool into the other kind, a convolution
///     into a depthwise one, a pool or an identity, and back;
///   - the kernel of a convolution or a pool, by two, with the padding that keeps the size;
///   - the output channels of a convolution or a linear layer, by a quarter, a half or two.
/// Every shape behind it is inferred again. Nothing, where the node has no such change, or where
/// the network would not fit together: most changes of channels end at an addition.
std::optional<NodeMutation> mutate_node(const ArchGraph& graph, Rng& rng);

}  // namespace nas
