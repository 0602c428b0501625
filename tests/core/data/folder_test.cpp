#include <doctest/doctest.h>

#include <vector>

#include "core/data/dataset.h"
#include "core/data/image_file.h"
#include "core/util/file.h"
#include "tests/core/data/test_files.h"

namespace {

using nas::ErrorKind;
using nas::test::contains;
using nas::test::encode_jpeg;
using nas::test::encode_png;
using nas::test::encode_progressive_jpeg;
using nas::test::error_text;
using nas::test::write_bytes;

using Bytes = std::vector<std::uint8_t>;

/// 2 rows of 3 pixels: grey, or with the colours (v, v + 1, v + 2).
Bytes pixels(int value, int channels) {
  Bytes result;
  for (int i = 0; i < 6; ++i) {
    for (int c = 0; c < channels; ++c) {
      result.push_back(static_cast<std::uint8_t>(value + 10 * i + c));
    }
  }
  return result;
}

std::string png(int value, int channels) {
  return encode_png(3, 2, channels, pixels(value, channels));
}

void write_small_set(const std::filesystem::path& root) {
  write_bytes(root / "train" / "zebra" / "b.png", png(1, 1));
  write_bytes(root / "train" / "zebra" / "a.png", png(2, 1));
  write_bytes(root / "train" / "ant" / "one.PNG", png(3, 1));
  write_bytes(root / "test" / "ant" / "x.png", png(4, 1));
}

std::string load_error(ErrorKind kind, const std::filesystem::path& root) {
  return error_text(kind, [&] { nas::load_dataset("folder:" + root.string()); });
}

/// A picture of some size that compresses to a few hundred bytes.
Bytes gradient(int side, int channels) {
  Bytes result;
  for (int i = 0; i < side * side * channels; ++i) {
    result.push_back(static_cast<std::uint8_t>((i * 7 + i / side) % 256));
  }
  return result;
}

}  // namespace

TEST_CASE("folder: classes and files come in the order of their names") {
  const nas::TemporaryDirectory root;
  write_small_set(root.path());
  write_bytes(root.path() / "train" / "ant" / "notes.txt", "not an image");
  write_bytes(root.path() / "train" / ".cache" / "x.png", "hidden");
  const auto data = nas::load_dataset("folder:" + root.path().string());
  CHECK(data->classes == std::vector<std::string>{"ant", "zebra"});
  CHECK(data->train.labels == std::vector<std::uint16_t>{0, 1, 1});
  CHECK(data->test.labels == std::vector<std::uint16_t>{0});
  CHECK(data->train.shape == nas::Shape{1, 2, 3});
  CHECK(data->train.image(0)[0] == 3);
  CHECK(data->train.image(1)[0] == 2);  // a.png before b.png
  CHECK(data->train.image(2)[5] == 51);
}

TEST_CASE("folder: one colour image makes the grey ones colour") {
  const nas::TemporaryDirectory root;
  write_small_set(root.path());
  write_bytes(root.path() / "test" / "zebra" / "c.png", png(100, 3));
  const auto data = nas::load_dataset("folder:" + root.path().string());
  CHECK(data->train.shape == nas::Shape{3, 2, 3});
  const auto grey = data->train.image(0);
  CHECK(Bytes(grey.begin(), grey.begin() + 6) == Bytes(grey.begin() + 6, grey.begin() + 12));
  const auto color = data->test.image(1);
  CHECK(color[0] == 100);
  CHECK(color[6] == 101);
  CHECK(color[17] == 152);
}

TEST_CASE("folder: what is wrong is named") {
  const nas::TemporaryDirectory root;
  write_small_set(root.path());
  SUBCASE("an image of another size") {
    write_bytes(root.path() / "test" / "ant" / "y.png", encode_png(2, 3, 1, pixels(0, 1)));
    const std::string text = load_error(ErrorKind::kData, root.path());
    CHECK(contains(text, "test/ant/y.png: the image is 2 x 3, but"));
    CHECK(contains(text, "train/ant/one.PNG is 3 x 2"));
  }
  SUBCASE("a class that only the test set has") {
    write_bytes(root.path() / "test" / "zebras" / "y.png", png(0, 1));
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "did you mean 'zebra'?"));
  }
  SUBCASE("an empty class") {
    std::filesystem::create_directories(root.path() / "train" / "cow");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "train/cow: no .png"));
  }
  SUBCASE("no test set") {
    std::filesystem::remove_all(root.path() / "test");
    CHECK(contains(load_error(ErrorKind::kIo, root.path()), "the directory 'test' is missing"));
  }
  SUBCASE("a text file with the name of an image") {
    write_bytes(root.path() / "train" / "ant" / "two.png", "hello");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "two.png: neither a PNG nor a JPEG"));
  }
  SUBCASE("a truncated image") {
    const std::string whole = png(3, 1);
    write_bytes(root.path() / "train" / "ant" / "two.png", whole.substr(0, whole.size() - 20));
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "two.png: damaged or truncated PNG"));
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
