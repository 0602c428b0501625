#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ir/blueprint/blueprint.h"

namespace nas {

/// The channels of a subnet's value from `own` on are those of its supernet's from `shared` on, up
/// to the next cut.
struct ChannelCut {
  std::int64_t own = 0;
  std::int64_t shared = 0;
  friend auto operator<=>(const ChannelCut&, const ChannelCut&) = default;
};
/// Ascending in both, from {0, 0} to the ends.
using ChannelCuts = std::vector<ChannelCut>;

/// How the channels of each node's output lie among those of its supernet, in which a node of the
/// blueprint has the type `types[node]`. Cuts come from slices, concatenations and grouped
/// convolutions, and are followed both ways along the edges by `ChannelRule`. Throws
/// Error(kUnsupported), naming the node, where two cuts contradict each other.
std::vector<ChannelCuts> channel_cuts(const Blueprint& blueprint, const TracedGraph& traced,
                                      std::span<const TensorType> types);

}  // namespace nas
