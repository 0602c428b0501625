#include "core/util/unit.h"

#include <algorithm>
#include <iterator>

namespace nas {
namespace {

constexpr Unit kUnits[] = {
    {"%", Quantity::kPercent, 1},
    {"percent", Quantity::kPercent, 1},
    {"s", Quantity::kTime, 1},
    {"sec", Quantity::kTime, 1},
    {"seconds", Quantity::kTime, 1},
    {"ms", Quantity::kTime, 1e-3},
    {"msec", Quantity::kTime, 1e-3},
    {"us", Quantity::kTime, 1e-6},
    {"µs", Quantity::kTime, 1e-6},
    {"μs", Quantity::kTime, 1e-6},
    {"ns", Quantity::kTime, 1e-9},
    {"min", Quantity::kTime, 60},
    {"h", Quantity::kTime, 3600},
    {"J", Quantity::kEnergy, 1},
    {"mJ", Quantity::kEnergy, 1e-3},
    {"uJ", Quantity::kEnergy, 1e-6},
    {"kJ", Quantity::kEnergy, 1e3},
    {"W", Quantity::kPower, 1},
    {"mW", Quantity::kPower, 1e-3},
    {"B", Quantity::kSize, 1},
    {"kB", Quantity::kSize, 1e3},
    {"KB", Quantity::kSize, 1e3},
    {"MB", Quantity::kSize, 1e6},
    {"GB", Quantity::kSize, 1e9},
    {"KiB", Quantity::kSize, 1024},
    {"MiB", Quantity::kSize, 1048576},
    {"GiB", Quantity::kSize, 1073741824},
    {"k", Quantity::kCount, 1e3},
    {"K", Quantity::kCount, 1e3},
    {"M", Quantity::kCount, 1e6},
    {"G", Quantity::kCount, 1e9},
    {"T", Quantity::kCount, 1e12},
    {"", Quantity::kCount, 1},
};

}  // namespace

std::span<const Unit> units() {
  return kUnits;
}

const Unit* find_unit(std::string_view name) {
  const auto* found = std::find_if(std::begin(kUnits), std::end(kUnits),
                                   [&](const Unit& u) { return u.name == name; });
  return found == std::end(kUnits) ? nullptr : found;
}

}  // namespace nas
