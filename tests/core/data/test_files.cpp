#include "tests/core/data/test_files.h"

#include <png.h>

#include <cstdio>
#include <cstdlib>
// libjpeg's header needs the two above.
#include <jpeglib.h>

namespace nas::test {

std::string encode_png(int width, int height, int channels,
                       const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  REQUIRE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr) !=
          0);
  bytes.resize(size);
  return bytes;
}

namespace {

std::string encode(int width, int height, int channels, const std::vector<std::uint8_t>& pixels,
                   bool progressive) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr manager{};
  encoder.err = jpeg_std_error(&manager);
  jpeg_create_compress(&encoder);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &buffer, &size);
  encoder.image_width = static_cast<JDIMENSION>(width);
  encoder.image_height = static_cast<JDIMENSION>(height);
  encoder.input_components = channels;
  encoder.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 95, TRUE);
  if (progressive) jpeg_simple_progression(&encoder);
  jpeg_start_compress(&encoder, TRUE);
  std::vector<std::uint8_t> copy = pixels;  // libjpeg takes rows by non-const pointer
  while (encoder.next_scanline < encoder.image_height) {
    JSAMPROW row = copy.data() +
                   std::size_t{encoder.next_scanline} * static_cast<std::size_t>(width * channels);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  std::string bytes(reinterpret_cast<const char*>(buffer), size);
  jpeg_destroy_compress(&encoder);
  std::free(buffer);  // NOLINT: libjpeg allocates it with malloc
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> pixels(int value, int channels) {
  std::vector<std::uint8_t> result;
  for (int i = 0; i < 6; ++i) {
    for (int c = 0; c < channels; ++c) {
      result.push_back(static_cast<std::uint8_t>(value + 10 * i + c));
    }
  }
  return result;
}

std::string encode_jpeg(int width, int height, int channels,
                        const std::vector<std::uint8_t>& pixels) {
  return encode(width, height, channels, pixels, false);
}

std::string encode_progressive_jpeg(int width, int height, int channels,
                                    const std::vector<std::uint8_t>& pixels) {
  return encode(width, height, channels, pixels, true);
}

}  // namespace nas::test
