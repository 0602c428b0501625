#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ir/blueprint/blueprint.h"

namespace nas {

/// A tensor of a blueprint's node that all architectures share, as large as the largest of them
/// needs it.
struct SharedTensor {
  std::string name;        ///< "cells.3/edge_0_2/relu_conv_bn/conv2d:1.weight", unique
  std::uint32_t node = 0;  ///< of the blueprint
  ParamSpec spec;          ///< its shape is the largest
  /// Lengths of the window that architectures use, largest first; one unless the kernel is elastic.
  std::vector<std::int64_t> windows{};
};

/// All shared tensors of a blueprint, in node order.
struct SharedTensors {
  std::vector<SharedTensor> list;
  std::vector<std::size_t>
      first;  ///< by node of the blueprint: its first tensor; one more at the end
  std::vector<TensorType> types;  ///< by node: of its first output, with everything at its largest
};

/// Infers shapes with every elastic attribute at its largest value; a choice is as large as its
/// largest alternative in each dimension. Throws Error(kUnsupported) with the place where that
/// makes no network.
SharedTensors shared_tensors(const Blueprint& blueprint);

/// Which places of one dimension of a shared tensor a subnet uses.
struct Places {
  std::int64_t count = 0;
  std::vector<std::int64_t> list{};  ///< ascending; empty: the first `count`
  friend bool operator==(const Places&, const Places&) = default;
};

/// The part of a shared tensor that a node of a subnet owns: places of dimension 0 (output
/// channels) and 1 (input channels of a group). Where `window` is smaller than the shared tensor's,
/// the tensor is the centre of its window, transformed (Cai et al., Once-for-All, ICLR 2020,
/// section 3.2).
struct TensorPart {
  std::size_t shared = 0;  ///< in SharedTensors::list
  Places outputs;
  Places inputs;
  std::int64_t window = 0;  ///< 0: the tensor has none
};

/// Follows the channels through the graph: an operation's own channels are the first ones, in each
/// group of channels that a later operation treats by itself (the Res2 groups of EfficientTDNN),
/// and a concatenation's are those of its parts. By node of the graph, in the order of
/// ArchGraph::params; no parts for "mix". Throws Error(kUnsupported) where channels cannot be
/// matched.
std::vector<std::vector<TensorPart>> tensor_parts(const Blueprint& blueprint,
                                                  const SharedTensors& shared,
                                                  const TracedGraph& traced);

}  // namespace nas
