#include "core/data/image_file.h"

#include <string>

#include "core/data/orientation.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {

void check_image_sides(std::size_t height, std::size_t width) {
  if (height >= 1 && width >= 1 && height <= kMaxImageSide && width <= kMaxImageSide) return;
  throw Error(ErrorKind::kData, "the image is " + std::to_string(width) + " x " +
                                    std::to_string(height) + " pixels, sides must be in [1, " +
                                    std::to_string(kMaxImageSide) + "]");
}

std::vector<std::uint8_t> to_planes(const std::vector<std::uint8_t>& interleaved,
                                    std::size_t channels) {
  const std::size_t plane = interleaved.size() / channels;
  std::vector<std::uint8_t> planes(interleaved.size());
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < channels; ++c)
      planes[c * plane + i] = interleaved[i * channels + c];
  }
  return planes;
}

DecodedImage read_image_file(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string_view view(bytes);
  try {
    if (view.starts_with("\x89PNG")) return oriented(decode_png(view), png_orientation(view));
    if (view.starts_with("\xff\xd8")) return oriented(decode_jpeg(view), jpeg_orientation(view));
  } catch (const Error& error) {
    throw error.with_context(path.string());
  }
  refuse_foreign_content(view, path.string());
  throw Error(ErrorKind::kData, path.string() + ": neither a PNG nor a JPEG file");
}

}  // namespace nas
