#pragma once

#include <cstddef>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// A space of circuits that can share angles: the gate of a slot has the same angles in every
/// circuit that has this gate on these wires there. So one bank of angles means all circuits, as
/// the weights of a supernet mean all networks. Optional (dynamic_cast).
class AngleSharing {
 public:
  virtual ~AngleSharing() = default;
  /// How many angles all circuits together have.
  virtual std::size_t shared_angles() const = 0;
  /// Which of them the parameters of `build` are, in the order of its nodes. Requires choices of
  /// the space.
  virtual std::vector<std::size_t> angle_numbers(Choices choices) const = 0;
};

}  // namespace nas
