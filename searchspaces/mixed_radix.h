#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "searchspaces/blueprint_space.h"

namespace nas {

// Choices as the digits of a number, a decision a digit, the first one slowest.

std::uint64_t number_of(std::span<const Decision> decisions, Choices choices);
std::vector<std::uint16_t> choices_of(std::span<const Decision> decisions, std::uint64_t number);

/// Throws Error(kUsage) for an index that a space of `size` architectures does not have.
void check_index(const SpaceInfo& info, std::uint64_t index, std::uint64_t size);

/// A space whose published index is the number of its choices: the first decision slowest.
class NumberedSpace : public BlueprintSpace, public IndexedSpace {
 public:
  std::uint64_t size() const final;
  Architecture at(std::uint64_t index) const final;
  std::uint64_t index_of(const Architecture& architecture) const final;

 protected:
  using BlueprintSpace::BlueprintSpace;
};

}  // namespace nas
