#include <png.h>

#include <string>

#include "core/data/image_file.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// libpng's simplified interface: errors come back as a message, no longjmp passes through our
/// frames.
class PngReader {
 public:
  PngReader() { image_.version = PNG_IMAGE_VERSION; }
  ~PngReader() { png_image_free(&image_); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  DecodedImage decode(std::string_view bytes) {
    if (png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) == 0) fail();
    check_image_sides(image_.height, image_.width);
    const bool color = (image_.format & PNG_FORMAT_FLAG_COLOR) != 0;
    image_.format = color ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    image_.flags |=
        PNG_IMAGE_FLAG_16BIT_sRGB;  // 16-bit files are scaled, not taken as linear light

    DecodedImage result{color ? 3U : 1U, image_.height, image_.width, {}};
    std::vector<std::uint8_t> interleaved(PNG_IMAGE_SIZE(image_));
    const png_color black{0, 0, 0};
    if (png_image_finish_read(&image_, &black, interleaved.data(), 0, nullptr) == 0) fail();
    result.pixels = to_planes(interleaved, result.channels);
    return result;
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(ErrorKind::kData,
                std::string("damaged or truncated PNG file (") + image_.message + ")");
  }

  png_image image_{};
};

}  // namespace

DecodedImage decode_png(std::string_view bytes) {
  return PngReader().decode(bytes);
}

}  // namespace nas
