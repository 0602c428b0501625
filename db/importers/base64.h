#pragma once

#include <string>
#include <string_view>

namespace nas {

/// Throws Error(kData) for characters outside of the alphabet or a wrong length.
std::string decode_base64(std::string_view text);

}  // namespace nas
