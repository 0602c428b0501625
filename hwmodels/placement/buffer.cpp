#include "hwmodels/placement/buffer.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "core/util/error.h"

namespace nas {

std::int64_t most_live_bytes(std::span<const Buffer> buffers) {
  std::map<std::int64_t, std::int64_t> change;  // by step: bytes that come less those that go
  for (const Buffer& buffer : buffers) {
    change[buffer.first] += buffer.bytes;
    change[buffer.last + 1] -= buffer.bytes;
  }
  std::int64_t live = 0, most = 0;
  for (const auto& [step, bytes] : change) most = std::max(most, live += bytes);
  return most;
}

std::int64_t arena_bytes(std::span<const Buffer> buffers, std::span<const std::int64_t> offsets) {
  NAS_CHECK(buffers.size() == offsets.size(), "an offset for each buffer");
  std::int64_t end = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    end = std::max(end, offsets[i] + buffers[i].bytes);
  }
  return end;
}

std::optional<std::pair<std::size_t, std::size_t>> overlapping_pair(
    std::span<const Buffer> buffers, std::span<const std::int64_t> offsets) {
  NAS_CHECK(buffers.size() == offsets.size(), "an offset for each buffer");
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool share_bytes =
          offsets[i] < offsets[j] + buffers[j].bytes && offsets[j] < offsets[i] + buffers[i].bytes;
      if (share_bytes && live_together(buffers[i], buffers[j])) return std::pair{j, i};
    }
  }
  return std::nullopt;
}

void check_buffers(std::span<const Buffer> buffers) {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 40;
  constexpr std::int64_t kLastStep = std::int64_t{1} << 60;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Buffer& buffer = buffers[i];
    const auto fail = [&](const std::string& why) {
      throw Error(ErrorKind::kUsage, "buffer " + std::to_string(i) + ": " + why);
    };
    if (buffer.bytes < 0 || buffer.bytes > kMostBytes) {
      fail("bytes = " + std::to_string(buffer.bytes) + ", must be in [0, 2^40]");
    }
    if (buffer.first < -kLastStep || buffer.last > kLastStep) fail("steps must be within 2^60");
    if (buffer.first > buffer.last) {
      fail("is needed from step " + std::to_string(buffer.first) + " to " +
           std::to_string(buffer.last) + ", which is before");
    }
  }
}

}  // namespace nas
