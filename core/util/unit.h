#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nas {

enum class Quantity : std::uint8_t { kCount, kPercent, kTime, kEnergy, kPower, kSize };

/// A unit that a person writes behind a number. k, M, G and T are multiples of single things.
struct Unit {
  std::string_view name;
  Quantity quantity;
  double factor;  ///< of single things, %, s, J, W and B
};

/// The one table of units; the last one is "", single things.
std::span<const Unit> units();
/// nullptr for a name that is not in the table.
const Unit* find_unit(std::string_view name);

}  // namespace nas
