#pragma once

#include <string_view>

namespace nas {

/// Is `text` like `pattern`, whose '*' stand for any text?
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace nas
