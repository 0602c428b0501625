#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/util/text.h"

namespace nas {

/// "1 row", "1,234 rows": `one` is the word for one thing, and its plural ends in "s".
inline std::string counted(std::int64_t count, std::string_view one) {
  return format_count(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

}  // namespace nas
