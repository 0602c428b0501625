#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "hwmodels/placement/buffer.h"

namespace nas {

enum class PlacementAnswer {
  kPlaced,
  kImpossible,  ///< proved: no plan keeps within the capacity
  kGaveUp,      ///< the budget is spent
};

struct PlacementResult {
  PlacementAnswer answer = PlacementAnswer::kGaveUp;
  std::vector<std::int64_t> offsets;  ///< of kPlaced
  std::int64_t nodes = 0;             ///< states that were looked at
};

struct PlacementBudget {
  std::int64_t nodes = 1'000'000;
  std::stop_token stop{};
};

/// Looks for offsets that keep all buffers within `capacity` bytes, or for the proof that there
/// are none. Deterministic.
///
/// Depth first over plans that are pushed down: each buffer stands on the ground or on another
/// (Moffitt, MiniMalloc, ASPLOS 2023, calls them canonical). A step takes a slot of time whose
/// floor is lowest among its neighbours, and asks what begins at that floor: one of the open
/// buffers there, or nothing, where the slack of the slot allows it. The slot with the fewest
/// answers is asked first. Parts of time that no open buffer crosses are solved one by one. A try
/// that takes too long is started again with other preferences.
PlacementResult place_within(std::span<const Buffer> buffers, std::int64_t capacity,
                             const PlacementBudget& budget = {});

}  // namespace nas
