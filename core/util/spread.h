#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nas {

/// At most `count` of the numbers below `size`, evenly and ascending: things may stand class by
/// class.
std::vector<std::uint32_t> spread_indices(std::size_t size, std::int64_t count);
/// The same of a list.
std::vector<std::uint32_t> spread(std::span<const std::uint32_t> all, std::int64_t count);

}  // namespace nas
