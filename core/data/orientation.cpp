#include "core/data/orientation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace nas {
namespace {

/// An unsigned number of `size` bytes; 0 past the end of the text.
std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size, bool big_endian) {
  if (at > bytes.size() || bytes.size() - at < size) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = big_endian ? i : size - 1 - i;
    value = value << 8 | static_cast<unsigned char>(bytes[at + place]);
  }
  return value;
}

constexpr std::string_view kExif("Exif\0\0", 6);  // before the TIFF structure in a JPEG

/// Of a TIFF structure: its first directory's entries of 12 bytes, tag, type, count, value.
int tiff_orientation(std::string_view tiff) {
  constexpr std::uint32_t kOrientation = 0x0112, kShort = 3, kLong = 4;
  const bool big = tiff.starts_with("MM");
  if (!big && !tiff.starts_with("II")) return 1;
  if (number(tiff, 2, 2, big) != 42) return 1;
  const std::size_t directory = number(tiff, 4, 4, big);
  const std::uint32_t entries = number(tiff, directory, 2, big);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * std::size_t{i};
    if (entry >= tiff.size()) return 1;
    if (number(tiff, entry, 2, big) != kOrientation) continue;
    const std::uint32_t type = number(tiff, entry + 2, 2, big);
    const bool known = type == kShort || type == kLong;
    const std::uint32_t value = known ? number(tiff, entry + 8, type == kShort ? 2 : 4, big) : 0;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// Which pixel of an H x W picture stands at (y, x) of the turned one.
struct Source {
  std::size_t y, x;
};
Source source_of(int orientation, std::size_t height, std::size_t width, std::size_t y,
                 std::size_t x) {
  switch (orientation) {
    case 2:
      return {y, width - 1 - x};
    case 3:
      return {height - 1 - y, width - 1 - x};
    case 4:
      return {height - 1 - y, x};
    case 5:
      return {x, y};
    case 6:
      return {height - 1 - x, y};
    case 7:
      return {height - 1 - x, width - 1 - y};
    case 8:
      return {x, width - 1 - y};
    default:
      return {y, x};
  }
}

/// What the pixels of one line of `from` give to each of `to` pixels.
struct Weights {
  std::size_t first = 0;
  std::vector<double> values;
};
std::vector<Weights> triangle_weights(std::size_t from, std::size_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double reach = std::max(scale, 1.0);
  std::vector<Weights> all;
  for (std::size_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    Weights weights;
    double sum = 0;
    for (std::size_t k = 0; k < from; ++k) {
      const double distance = std::abs(static_cast<double>(k) + 0.5 - centre) / reach;
      if (distance >= 1) continue;
      if (weights.values.empty()) weights.first = k;
      weights.values.push_back(1 - distance);
      sum += 1 - distance;
    }
    for (double& value : weights.values) value /= sum;
    all.push_back(std::move(weights));
  }
  return all;
}

}  // namespace

int jpeg_orientation(std::string_view bytes) {
  std::size_t at = 2;  // after the start mark; segments are FF, mark, two bytes of length
  while (at + 4 <= bytes.size() && bytes[at] == '\xff') {
    const auto mark = static_cast<unsigned char>(bytes[at + 1]);
    if (mark == 0xff) {  // padding
      ++at;
      continue;
    }
    if (mark == 0xda || mark == 0xd9) return 1;  // the picture begins
    const std::size_t length = number(bytes, at + 2, 2, true);
    const std::string_view segment = bytes.substr(at + 4, std::max<std::size_t>(length, 2) - 2);
    if (mark == 0xe1 && segment.starts_with(kExif)) {
      return tiff_orientation(segment.substr(kExif.size()));
    }
    at += 2 + std::max<std::size_t>(length, 2);
  }
  return 1;
}

int png_orientation(std::string_view bytes) {
  std::size_t at = 8;  // after the signature; chunks are length, name, content, checksum
  while (at + 12 <= bytes.size()) {
    const std::size_t length = number(bytes, at, 4, true);
    const std::string_view name = bytes.substr(at + 4, 4);
    if (name == "IEND") return 1;
    if (name == "eXIf") {
      std::string_view exif = bytes.substr(at + 8, length);
      if (exif.starts_with(kExif)) exif.remove_prefix(kExif.size());  // some programs repeat it
      return tiff_orientation(exif);
    }
    at += 12 + length;
  }
  return 1;
}

DecodedImage oriented(DecodedImage image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool turned = orientation >= 5;
  DecodedImage result{
      image.channels, turned ? image.width : image.height, turned ? image.height : image.width, {}};
  result.pixels.resize(image.pixels.size());
  const std::size_t plane = image.height * image.width;
  std::size_t to = 0;
  for (std::size_t c = 0; c < image.channels; ++c) {
    for (std::size_t y = 0; y < result.height; ++y) {
      for (std::size_t x = 0; x < result.width; ++x) {
        const Source from = source_of(orientation, image.height, image.width, y, x);
        result.pixels[to++] = image.pixels[c * plane + from.y * image.width + from.x];
      }
    }
  }
  return result;
}

DecodedImage resized(const DecodedImage& image, std::size_t side) {
  if (image.height == side && image.width == side) return image;
  const std::vector<Weights> rows = triangle_weights(image.height, side);
  const std::vector<Weights> columns = triangle_weights(image.width, side);
  DecodedImage result{image.channels, side, side, {}};
  result.pixels.reserve(image.channels * side * side);
  std::vector<double> narrow(image.height * side);  // one channel, its columns done: [H, side]
  for (std::size_t c = 0; c < image.channels; ++c) {
    const std::uint8_t* pixels = image.pixels.data() + c * image.height * image.width;
    for (std::size_t y = 0; y < image.height; ++y) {
      for (std::size_t x = 0; x < side; ++x) {
        double sum = 0;
        for (std::size_t k = 0; k < columns[x].values.size(); ++k) {
          sum += columns[x].values[k] * pixels[y * image.width + columns[x].first + k];
        }
        narrow[y * side + x] = sum;
      }
    }
    for (std::size_t y = 0; y < side; ++y) {
      for (std::size_t x = 0; x < side; ++x) {
        double sum = 0;
        for (std::size_t k = 0; k < rows[y].values.size(); ++k) {
          sum += rows[y].values[k] * narrow[(rows[y].first + k) * side + x];
        }
        result.pixels.push_back(static_cast<std::uint8_t>(std::clamp(std::lround(sum), 0L, 255L)));
      }
    }
  }
  return result;
}

}  // namespace nas
