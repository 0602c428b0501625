#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace nas {

/// A decoded image: pixels [channels, height, width], channels 1 (grey) or 3 (red, green, blue).
struct DecodedImage {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<std::uint8_t> pixels;
};

inline constexpr std::size_t kMaxImageSide = 4096;

/// Reads a PNG or JPEG file; the content decides, not the ending. The picture is turned as its EXIF
/// orientation says. Alpha is dropped onto black, 16 bits become 8, palettes become colour. Throws
/// Error(kIo) when it cannot be read, Error(kData) for a damaged, truncated or other file and for
/// sides above kMaxImageSide, Error(kUnsupported) for CMYK. The text starts with the path.
DecodedImage read_image_file(const std::filesystem::path& path);

// The two decoders, on bytes in memory: pixels as they are stored. Errors do not name the file.
DecodedImage decode_png(std::string_view bytes);
DecodedImage decode_jpeg(std::string_view bytes);

/// Throws Error(kData) unless both sides are in [1, kMaxImageSide].
void check_image_sides(std::size_t height, std::size_t width);

/// [height, width, channels] to [channels, height, width].
std::vector<std::uint8_t> to_planes(const std::vector<std::uint8_t>& interleaved,
                                    std::size_t channels);

}  // namespace nas
