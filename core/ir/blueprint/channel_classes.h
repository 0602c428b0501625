#pragma once

#include <cstdint>
#include <vector>

#include "core/ir/blueprint/shared_tensors.h"

namespace nas {

/// Elastic channels that can change places among each other without changing what the supernet
/// computes: those of a value, of what is computed from it channel by channel, and of all tensors
/// that have a place for each of them. Channels that a sum, a concatenation or a slice ties to
/// others are in no class.
struct ChannelClass {
  ElasticValue width;  ///< how many of them an architecture has: the first ones
  struct Dimension {
    std::size_t tensor = 0;  ///< in SharedTensors::list
    std::int64_t dim = 0;    ///< the one that counts these channels
  };
  std::vector<Dimension> dimensions;
  /// The weight that reads them last, along its dimension 1: how much a channel matters is how
  /// large its slice is (Cai et al., Once-for-All, ICLR 2020, section 3.2).
  std::size_t reader = 0;
};

/// All of a blueprint, in node order.
std::vector<ChannelClass> channel_classes(const Blueprint& blueprint, const SharedTensors& shared);

/// The values that an attribute has under choices of each decision (empty: all of them), ascending.
std::vector<std::int64_t> values_under(const ElasticValue& value,
                                       const std::vector<std::vector<std::uint16_t>>& choices);

}  // namespace nas
