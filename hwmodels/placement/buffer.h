#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace nas {

/// A block of memory that is needed for a while: in the steps [first, last], both included. Steps
/// are in any unit and need not be dense.
///
///   {.bytes = 6400, .first = 0, .last = 2}: made by step 0, last read by step 2
struct Buffer {
  std::int64_t bytes = 0;  ///< [0, 2^40]
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< >= first
  friend bool operator==(const Buffer&, const Buffer&) = default;
};

/// Both are needed in some step, so that they cannot share memory.
inline bool live_together(const Buffer& a, const Buffer& b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Where each buffer begins, in an arena that begins at 0.
struct OffsetPlan {
  std::vector<std::int64_t> offsets;  ///< one for each buffer
  std::int64_t bytes = 0;             ///< size of the arena: the highest end of a buffer
  std::int64_t lower_bound = 0;       ///< no plan is smaller
  bool optimal() const { return bytes == lower_bound; }
};

/// The bytes that are live in the fullest step: no plan is smaller. Sizes count as they are.
std::int64_t most_live_bytes(std::span<const Buffer> buffers);

/// The size of the arena that these offsets need.
std::int64_t arena_bytes(std::span<const Buffer> buffers, std::span<const std::int64_t> offsets);

/// Two buffers that are live together and share bytes, if there are any: a plan without is right.
std::optional<std::pair<std::size_t, std::size_t>> overlapping_pair(
    std::span<const Buffer> buffers, std::span<const std::int64_t> offsets);

/// Throws Error(kUsage) that names the first buffer whose numbers are out of range.
void check_buffers(std::span<const Buffer> buffers);

}  // namespace nas
