#include "hwmodels/placement/first_fit.h"

#include <algorithm>
#include <numeric>

#include "core/util/error.h"

namespace nas {
namespace {

double rank_of(const Buffer& buffer, FitOrder order) {
  const auto bytes = static_cast<double>(buffer.bytes);
  const auto life = static_cast<double>(buffer.last - buffer.first + 1);
  switch (order) {
    case FitOrder::kBySize:
      return -bytes;
    case FitOrder::kByFirstUse:
      return static_cast<double>(buffer.first);
    case FitOrder::kByArea:
      return -bytes * life;
    case FitOrder::kByLife:
      return -life;
  }
  return 0;
}

}  // namespace

std::vector<std::int64_t> first_fit(std::span<const Buffer> buffers,
                                    std::span<const std::size_t> order) {
  NAS_CHECK(order.size() == buffers.size(), "every buffer is placed once");
  std::vector<std::int64_t> offsets(buffers.size(), 0);
  std::vector<std::size_t> placed;  // ascending by offset
  for (const std::size_t next : order) {
    std::int64_t offset = 0;
    for (const std::size_t other : placed) {
      if (!live_together(buffers[next], buffers[other])) continue;
      if (offset + buffers[next].bytes <= offsets[other]) break;  // the hole is large enough
      offset = std::max(offset, offsets[other] + buffers[other].bytes);
    }
    offsets[next] = offset;
    const auto above = std::upper_bound(
        placed.begin(), placed.end(), offset,
        [&](std::int64_t value, std::size_t other) { return value < offsets[other]; });
    placed.insert(above, next);
  }
  return offsets;
}

std::vector<std::int64_t> first_fit(std::span<const Buffer> buffers, FitOrder order) {
  std::vector<std::size_t> positions(buffers.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  std::stable_sort(positions.begin(), positions.end(), [&](std::size_t a, std::size_t b) {
    return rank_of(buffers[a], order) < rank_of(buffers[b], order);
  });
  return first_fit(buffers, positions);
}

}  // namespace nas
