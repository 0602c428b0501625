#include "db/importers/base64.h"

#include <cstdint>

#include "core/util/error.h"

namespace nas {

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // Python's encodestring breaks lines.
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0, padding = 0;
  std::size_t characters = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    ++characters;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || padding > 0) {
      throw Error(ErrorKind::kData, "base64 text with characters that do not belong there");
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 255);
    }
  }
  if (characters % 4 != 0 || padding > 2) {
    throw Error(ErrorKind::kData, "base64 text of a wrong length");
  }
  return bytes;
}

}  // namespace nas
