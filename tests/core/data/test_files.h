#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/error.h"

namespace nas::test {

inline void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Runs `action`, which must throw an Error of this kind, and gives its text.
template <class Action>
std::string error_text(ErrorKind kind, Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    return error.what();
  }
  FAIL("no error was thrown");
  return {};
}

inline bool contains(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return true;
  MESSAGE("'" << text << "' lacks '" << part << "'");
  return false;
}

/// Interleaved pixels of a small picture, 2 rows of 3: grey ones v, v + 10, ..., or of the colours
/// (v, v + 1, v + 2), ....
std::vector<std::uint8_t> pixels(int value, int channels);

/// Interleaved 8-bit pixels, channels 1 or 3, as a PNG or JPEG file in memory.
std::string encode_png(int width, int height, int channels,
                       const std::vector<std::uint8_t>& pixels);
std::string encode_jpeg(int width, int height, int channels,
                        const std::vector<std::uint8_t>& pixels);
/// The same picture in several scans, the first rough ones of the whole.
std::string encode_progressive_jpeg(int width, int height, int channels,
                                    const std::vector<std::uint8_t>& pixels);

}  // namespace nas::test
