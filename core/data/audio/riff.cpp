#include "core/data/audio/riff.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// "RIFF", size, "WAVE", then chunks: four letters, a size of 32 bits, the content, a byte of
// padding after an odd size. RF64 (EBU Tech 3306) has 64-bit sizes in a chunk "ds64" in front.
constexpr std::size_t kFirstChunk = 12;
constexpr std::size_t kChunkHeader = 8;
constexpr std::uint64_t kUnknownSize = 0xFFFFFFFF;

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width, bool big) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t place = big ? at + i : at + width - 1 - i;
    value = value << 8 | static_cast<std::uint8_t>(bytes[place]);
  }
  return value;
}

std::string count(std::uint64_t n) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return format_count(static_cast<std::int64_t>(std::min(n, kMost)));
}

}  // namespace

bool is_wave(std::string_view bytes) {
  const bool container =
      bytes.starts_with("RIFF") || bytes.starts_with("RIFX") || bytes.starts_with("RF64");
  return container && bytes.size() >= kFirstChunk && bytes.substr(8).starts_with("WAVE");
}

void check_wave_is_whole(std::string_view bytes) {
  const bool big = bytes.starts_with("RIFX");
  std::uint64_t large_size = kUnknownSize;  // of RF64
  std::size_t at = kFirstChunk;
  while (at + kChunkHeader <= bytes.size()) {
    const std::string_view name = bytes.substr(at, 4);
    std::uint64_t size = number_at(bytes, at + 4, 4, big);
    const std::uint64_t rest = bytes.size() - at - kChunkHeader;
    if (name == "ds64" && size >= 16 && rest >= 16) {
      large_size = number_at(bytes, at + kChunkHeader + 8, 8, big);
    }
    if (name == "data") {
      if (size == kUnknownSize) size = large_size;
      if (size == kUnknownSize || size <= rest) return;
      throw Error(ErrorKind::kData, count(size) + " bytes of samples announced, got " +
                                        count(rest) + ": the file is truncated; fetch it again");
    }
    if (size + (size & 1) > rest) break;
    at += kChunkHeader + size + (size & 1);
  }
  throw Error(ErrorKind::kData,
              "a WAV file without samples (no chunk 'data'): it is truncated or its header is "
              "damaged; fetch it again");
}

}  // namespace nas
