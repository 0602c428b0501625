#include <doctest/doctest.h>

#include <vector>

#include "core/data/dataset.h"
#include "core/data/image_file.h"
#include "core/data/orientation.h"
#include "core/util/file.h"
#include "tests/core/data/test_files.h"

namespace {

using nas::ErrorKind;
using nas::test::contains;
using nas::test::encode_jpeg;
using nas::test::encode_png;
using nas::test::encode_progressive_jpeg;
using nas::test::error_text;
using nas::test::pixels;
using nas::test::write_bytes;

using Bytes = std::vector<std::uint8_t>;

/// A picture of some size that compresses to a few hundred bytes.
Bytes gradient(int side, int channels) {
  Bytes result;
  for (int i = 0; i < side * side * channels; ++i) {
    result.push_back(static_cast<std::uint8_t>((i * 7 + i / side) % 256));
  }
  return result;
}

/// The tag in a TIFF structure of either byte order.
std::string tiff(int orientation, bool big_endian) {
  const char tag = static_cast<char>(orientation);
  const std::string big("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  const std::string little("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18);
  return big_endian ? big + tag + std::string(6, '\0') : little + tag + std::string(7, '\0');
}

std::string big_endian(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

std::string with_exif_png(std::string png, const std::string& exif) {
  const std::string chunk = "eXIf" + exif;
  std::uint32_t crc = 0xffffffff;
  for (const char c : chunk) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return png.insert(33, big_endian(exif.size()) + chunk + big_endian(~crc));
}

std::string with_exif_jpeg(std::string jpeg, const std::string& exif) {
  const std::string body = std::string("Exif\0\0", 6) + exif;
  const std::string length = big_endian(body.size() + 2).substr(2);
  return jpeg.insert(2, "\xff\xe1" + length + body);
}

}  // namespace

TEST_CASE("image files: pictures are turned as their EXIF orientation says, all eight ways") {
  // 1 2 3
  // 4 5 6
  struct Turned {
    int orientation;
    std::size_t width;
    Bytes pixels;
  };
  const nas::TemporaryDirectory root;
  for (const Turned& turned : {Turned{1, 3, {1, 2, 3, 4, 5, 6}},
                               {2, 3, {3, 2, 1, 6, 5, 4}},
                               {3, 3, {6, 5, 4, 3, 2, 1}},
                               {4, 3, {4, 5, 6, 1, 2, 3}},
                               {5, 2, {1, 4, 2, 5, 3, 6}},
                               {6, 2, {4, 1, 5, 2, 6, 3}},
                               {7, 2, {6, 3, 5, 2, 4, 1}},
                               {8, 2, {3, 6, 2, 5, 1, 4}},
                               {9, 3, {1, 2, 3, 4, 5, 6}}}) {
    CAPTURE(turned.orientation);
    for (const bool big : {false, true}) {
      const std::string exif = tiff(turned.orientation, big);
      const auto path = root.path() / "x.png";
      write_bytes(path, with_exif_png(encode_png(3, 2, 1, {1, 2, 3, 4, 5, 6}), exif));
      const nas::DecodedImage image = nas::read_image_file(path);
      CHECK(image.width == turned.width);
      CHECK(image.pixels == turned.pixels);
      write_bytes(path, with_exif_png(encode_png(3, 2, 1, {1, 2, 3, 4, 5, 6}),
                                      std::string("Exif\0\0", 6) + exif));
      CHECK(nas::read_image_file(path).pixels == turned.pixels);
      // Of a JPEG: the same turn of whatever it decodes to.
      const std::string jpeg = encode_jpeg(16, 8, 3, gradient(16, 3));
      write_bytes(path, with_exif_jpeg(jpeg, exif));
      const nas::DecodedImage seen = nas::read_image_file(path);
      const nas::DecodedImage meant =
          nas::oriented(nas::decode_jpeg(jpeg), turned.orientation > 8 ? 1 : turned.orientation);
      CHECK(seen.width == meant.width);
      CHECK(seen.pixels == meant.pixels);
    }
  }
}

TEST_CASE("image files: EXIF that is cut or damaged turns nothing and harms nothing") {
  const std::string exif = tiff(6, true);
  const std::string png = encode_png(3, 2, 1, {1, 2, 3, 4, 5, 6});
  const std::string jpeg = encode_jpeg(16, 8, 3, gradient(16, 3));
  for (std::size_t size = 0; size < exif.size(); ++size) {
    const int png_way = nas::png_orientation(with_exif_png(png, exif.substr(0, size)));
    const int jpeg_way = nas::jpeg_orientation(with_exif_jpeg(jpeg, exif.substr(0, size)));
    CHECK(png_way == jpeg_way);
    CHECK(png_way == (size < 20 ? 1 : 6));
  }
  const std::string whole = with_exif_jpeg(jpeg, exif);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(nas::jpeg_orientation(whole.substr(0, size)) >= 1);
  }
}

TEST_CASE("image files: PNG comes back bit for bit, grey and colour") {
  for (const int channels : {1, 3}) {
    const Bytes source = gradient(17, channels);
    const nas::DecodedImage image = nas::decode_png(encode_png(17, 17, channels, source));
    CHECK(image.channels == static_cast<std::size_t>(channels));
    CHECK(image.height == 17);
    CHECK(image.pixels == nas::to_planes(source, static_cast<std::size_t>(channels)));
  }
}

TEST_CASE("image files: JPEG comes back close, grey and colour, whatever its name ends in") {
  const nas::TemporaryDirectory root;
  for (const int channels : {1, 3}) {
    const Bytes source(static_cast<std::size_t>(16 * 16 * channels), 90);
    write_bytes(root.path() / "a.png", encode_jpeg(16, 16, channels, source));
    const nas::DecodedImage image = nas::read_image_file(root.path() / "a.png");
    CHECK(image.channels == static_cast<std::size_t>(channels));
    CHECK(image.width == 16);
    CHECK(image.pixels.size() == source.size());
    for (const std::uint8_t value : image.pixels) CHECK(std::abs(value - 90) <= 2);
  }
}

TEST_CASE("image files: a PNG cut anywhere before its end mark is refused") {
  const std::string whole = encode_png(16, 16, 3, gradient(16, 3));
  constexpr std::size_t kEndMark = 12;  // the IEND chunk: no pixel depends on it
  for (std::size_t size = 4; size < whole.size() - kEndMark; ++size) {
    CHECK_THROWS_AS(nas::decode_png(std::string_view(whole).substr(0, size)), nas::Error);
  }
  CHECK_NOTHROW(nas::decode_png(whole));
}

TEST_CASE("image files: a JPEG cut anywhere is refused, not filled up with grey") {
  const std::string whole = encode_jpeg(16, 16, 3, gradient(16, 3));
  for (std::size_t size = 2; size < whole.size(); ++size) {
    const std::string text = error_text(
        ErrorKind::kData, [&] { nas::decode_jpeg(std::string_view(whole).substr(0, size)); });
    CHECK(contains(text, "JPEG"));
  }
  CHECK_NOTHROW(nas::decode_jpeg(whole));
}

TEST_CASE("image files: damaged bytes give an error or an image, never a crash") {
  const std::string png_file = encode_png(16, 16, 3, gradient(16, 3));
  const std::string jpeg_file = encode_jpeg(16, 16, 3, gradient(16, 3));
  for (const std::string& whole : {png_file, jpeg_file}) {
    std::size_t refused = 0;
    for (std::size_t at = 2; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
      try {
        if (whole == png_file)
          nas::decode_png(damaged);
        else
          nas::decode_jpeg(damaged);
      } catch (const nas::Error&) {
        ++refused;
      }
    }
    CHECK(refused > 20);
  }
}

TEST_CASE("image files: sides above the limit are refused before memory is taken") {
  std::string huge = encode_png(16, 16, 3, gradient(16, 3));
  huge[18] = 0x7f;  // width 0x00007f10 in the header; the checksum no longer fits either
  CHECK_THROWS_AS(nas::decode_png(huge), nas::Error);
  const std::string wide = encode_png(5000, 1, 1, Bytes(5000, 7));
  CHECK(contains(error_text(ErrorKind::kData, [&] { nas::decode_png(wide); }),
                 "5000 x 1 pixels, sides must be in [1, 4096]"));
  const std::string tall = encode_jpeg(1, 5000, 1, Bytes(5000, 7));
  CHECK(contains(error_text(ErrorKind::kData, [&] { nas::decode_jpeg(tall); }), "1 x 5000 pixels"));
}

TEST_CASE("image files: a JPEG in several scans gives the pixels of one in a single scan") {
  const Bytes source = gradient(40, 3);
  const nas::DecodedImage whole = nas::decode_jpeg(encode_jpeg(40, 40, 3, source));
  const std::string file = encode_progressive_jpeg(40, 40, 3, source);
  CHECK(file.find("\xff\xc2") != std::string::npos);
  CHECK(nas::decode_jpeg(file).pixels == whole.pixels);
  for (std::size_t size = 2; size < file.size(); size += 3)
    CHECK_THROWS_AS(nas::decode_jpeg(std::string_view(file).substr(0, size)), nas::Error);
  const Bytes largest(std::size_t{4096} * 4096, 7);
  CHECK(nas::decode_jpeg(encode_progressive_jpeg(4096, 4096, 1, largest)).pixels.size() ==
        largest.size());
}

TEST_CASE("image files: a JPEG of endless scans is refused after the first hundred") {
  std::string file = encode_progressive_jpeg(512, 512, 1, Bytes(std::size_t{512} * 512, 90));
  const std::size_t first = file.find("\xff\xda");
  const std::size_t second = file.find("\xff\xc4", first);
  REQUIRE(second != std::string::npos);
  file[first + 9] = 0;  // all bits at once: this scan may come again
  const std::string scan = file.substr(first, second - first);
  std::string many = file.substr(0, second);
  for (int i = 0; i < 20'000; ++i) many += scan;
  many += file.substr(second);
  CHECK(contains(error_text(ErrorKind::kData, [&] { nas::decode_jpeg(many); }),
                 "more than 100 scans"));
}

TEST_CASE("image files: CMYK is refused with what to do") {
  const std::string file = encode_jpeg(16, 16, 4, gradient(16, 4));
  CHECK(contains(error_text(ErrorKind::kUnsupported, [&] { nas::decode_jpeg(file); }),
                 "convert it to grey or RGB"));
}
