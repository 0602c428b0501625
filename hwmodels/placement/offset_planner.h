#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "hwmodels/placement/buffer.h"

namespace nas {

struct PlanOptions {
  /// Every offset is a multiple of it: sizes count rounded up. >= 1.
  std::int64_t alignment = 1;
  /// Any plan within so many bytes is good enough. 0: the smallest that can be found.
  std::int64_t enough = 0;
  /// States that the search may look at; some microseconds each. 0: first fit alone.
  std::int64_t nodes = 400'000;
  std::stop_token stop{};
};

/// The smallest arena that can be found, with a lower bound: where both are equal, the plan is
/// proved optimal. The better of first fit by size, first use, area and life; where that is above
/// the bound, `place_within` at the bound, then between both. Deterministic unless stopped. Throws
/// as `check_buffers`, Error(kUsage) for an alignment below 1.
OffsetPlan plan_offsets(std::span<const Buffer> buffers, const PlanOptions& options = {});

}  // namespace nas
