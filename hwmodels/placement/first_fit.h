#pragma once

#include <span>
#include <vector>

#include "hwmodels/placement/buffer.h"

namespace nas {

/// In which order buffers are placed. Ties: the order in which they are given.
enum class FitOrder {
  kBySize,      ///< largest first (Pisarchyk and Lee 2020; TensorFlow Lite Micro, TinyEngine)
  kByFirstUse,  ///< earliest first
  kByArea,      ///< largest bytes times steps first
  kByLife,      ///< longest life first
};

/// Each buffer, in order, at the lowest offset where it fits beside those that are placed before it
/// and live at the same time. `order` is a permutation of the buffers' positions. O(n^2).
std::vector<std::int64_t> first_fit(std::span<const Buffer> buffers,
                                    std::span<const std::size_t> order);
std::vector<std::int64_t> first_fit(std::span<const Buffer> buffers, FitOrder order);

}  // namespace nas
