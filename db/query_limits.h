#pragma once

#include <cstddef>
#include <cstdint>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

// What the answer of a free query may take.
inline constexpr std::size_t kLargestAnswer = 256'000'000, kBytesOfCell = 64;

inline void check_answer_size(std::size_t bytes) {
  if (bytes <= kLargestAnswer) return;
  throw Error(ErrorKind::kUsage, "query: the answer is larger than " +
                                     format_bytes(static_cast<std::int64_t>(kLargestAnswer)) +
                                     "; ask for fewer rows or columns");
}

}  // namespace nas
