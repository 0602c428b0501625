#include "core/util/spread.h"

#include <algorithm>

namespace nas {

std::vector<std::uint32_t> spread_indices(std::size_t size, std::int64_t count) {
  const auto wanted = std::min(size, static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  std::vector<std::uint32_t> indices(wanted);
  for (std::size_t i = 0; i < wanted; ++i) {
    indices[i] = static_cast<std::uint32_t>(i * size / wanted);
  }
  return indices;
}

std::vector<std::uint32_t> spread(std::span<const std::uint32_t> all, std::int64_t count) {
  std::vector<std::uint32_t> chosen = spread_indices(all.size(), count);
  for (std::uint32_t& item : chosen) item = all[item];
  return chosen;
}

}  // namespace nas
