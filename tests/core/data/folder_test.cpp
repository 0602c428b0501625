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

TEST_CASE("folder: images in folders below a class are of that class, as elsewhere") {
  const nas::TemporaryDirectory root;
  write_small_set(root.path());
  const auto ant = root.path() / "train" / "ant";
  write_bytes(ant / "nest" / "deep" / "two.png", png(7, 1));
  write_bytes(ant / "nest" / ".thumbnails" / "two.png", png(8, 1));
  std::filesystem::create_directory_symlink("..", ant / "nest" / "circle");
  const auto data = nas::load_dataset("folder:" + root.path().string());
  CHECK(data->classes == std::vector<std::string>{"ant", "zebra"});
  REQUIRE(data->train.labels == std::vector<std::uint16_t>{0, 0, 1, 1});
  CHECK(data->train.image(0)[0] == 7);  // nest/ before one.PNG
  CHECK(data->train.image(1)[0] == 3);
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
    CHECK(contains(text, "write folder:DIR@32"));
  }
  SUBCASE("a class that only the test set has") {
    write_bytes(root.path() / "test" / "zebras" / "y.png", png(0, 1));
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "did you mean 'zebra'?"));
  }
  SUBCASE("an empty class") {
    std::filesystem::create_directories(root.path() / "train" / "cow");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "train/cow: no .png"));
  }
  SUBCASE("no training set") {
    std::filesystem::remove_all(root.path() / "train");
    CHECK(contains(load_error(ErrorKind::kIo, root.path()), "the directory 'train' is missing"));
  }
  SUBCASE("a Git LFS pointer and a web page under the name of an image") {
    write_bytes(root.path() / "train" / "ant" / "two.png",
                "version https://git-lfs.github.com/spec/v1\nsize 100\n");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "two.png: it is a Git LFS pointer"));
    write_bytes(root.path() / "train" / "ant" / "two.png", "<!DOCTYPE html>");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "two.png: it is a web page"));
  }
  SUBCASE("a text file with the name of an image, another form, a link to nothing") {
    write_bytes(root.path() / "train" / "ant" / "two.png", "hello");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "two.png: neither a PNG nor a JPEG"));
    write_bytes(root.path() / "train" / "ant" / "two.webp", "RIFF");
    CHECK(contains(load_error(ErrorKind::kData, root.path()),
                   "two.webp: a .webp image, and only PNG and JPEG are read"));
    std::filesystem::create_symlink("gone.png", root.path() / "train" / "ant" / "a.png");
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "a.png: a link to a file"));
  }
  SUBCASE("a truncated image") {
    const std::string whole = png(3, 1);
    write_bytes(root.path() / "train" / "ant" / "two.png", whole.substr(0, whole.size() - 20));
    CHECK(contains(load_error(ErrorKind::kData, root.path()), "two.png: damaged or truncated PNG"));
  }
}

TEST_CASE("folder: Train and TEST are the two parts, and .jfif is a JPEG file") {
  const nas::TemporaryDirectory root;
  write_small_set(root.path());
  write_bytes(root.path() / "train" / "ant" / "two.JFIF", encode_jpeg(3, 2, 1, pixels(9, 1)));
  std::filesystem::rename(root.path() / "train", root.path() / "Train");
  std::filesystem::rename(root.path() / "test", root.path() / "TEST");
  CHECK(nas::load_dataset("folder:" + root.path().string())->train.size() == 4);
}

TEST_CASE("folder: without a test set, a fifth of each class is one, and that is said") {
  const nas::TemporaryDirectory root;
  for (const char* name : {"Test", "Train"}) {  // classes: they hold images
    for (int i = 0; i < 10; ++i) {
      write_bytes(root.path() / "in" / name / (std::to_string(i) + ".png"), png(i, 1));
    }
  }
  const std::string spec = "folder:" + (root.path() / "in").string();
  const auto data = nas::load_dataset(spec);
  CHECK(data->classes == std::vector<std::string>{"Test", "Train"});
  CHECK(data->train.size() == 16);
  CHECK(data->test.labels == std::vector<std::uint16_t>{0, 0, 1, 1});
  CHECK(contains(data->source, "a fifth of each class is the test set"));
  CHECK(nas::load_dataset(spec)->id == data->id);
  // In a folder of its own, as archives of a Mac are unpacked.
  std::filesystem::create_directories(root.path() / "__MACOSX" / "in");
  CHECK(nas::load_dataset("folder:" + root.path().string())->id == data->id);
  // The same below train/, alone or beside val/, and in a folder of its own.
  std::filesystem::create_directory(root.path() / "set");
  std::filesystem::rename(root.path() / "in", root.path() / "set" / "train");
  CHECK(nas::load_dataset("folder:" + (root.path() / "set").string())->id == data->id);
  CHECK(nas::load_dataset("folder:" + root.path().string())->id == data->id);
  write_bytes(root.path() / "set" / "val" / "Train" / "x.png", png(77, 1));
  const auto with = nas::load_dataset("folder:" + (root.path() / "set").string());
  CHECK(with->train.size() == 20);
  CHECK(with->test.labels == std::vector<std::uint16_t>{1});
  CHECK(contains(with->source, "the test set is val/"));
}

TEST_CASE("folder: images of several sizes are resized where a size is said") {
  const nas::TemporaryDirectory root;
  write_small_set(root.path());
  write_bytes(root.path() / "test" / "ant" / "y.png", encode_png(2, 2, 1, {0, 100, 100, 200}));
  const std::string spec = "folder:" + root.path().string();
  const auto data = nas::load_dataset(spec + "@4");
  CHECK(data->train.shape == nas::Shape{1, 4, 4});
  const auto grown = data->test.image(1);
  CHECK(Bytes(grown.begin(), grown.begin() + 4) == Bytes{0, 25, 75, 100});
  const auto tiny = nas::load_dataset(spec + "@1");
  CHECK(tiny->test.image(1)[0] == 100);
  CHECK(contains(error_text(ErrorKind::kUsage, [&] { nas::load_dataset(spec + "@5000"); }),
                 "size 5000, must be in"));
  CHECK(contains(error_text(ErrorKind::kUsage,
                            [&] { nas::load_dataset("mnist:" + root.path().string() + "@28"); }),
                 "only a folder of images is resized"));
}

TEST_CASE("data sets: a path without a kind says which kind is meant") {
  const nas::TemporaryDirectory root;
  const std::string path = root.path().string();
  const auto error = [](const std::string& spec) {
    return error_text(ErrorKind::kUsage, [&] { nas::load_dataset(spec); });
  };
  CHECK(contains(error(path), "did you mean 'folder:" + path + "'? (or cifar10:"));
  write_bytes(root.path() / "train.bin", "x");
  CHECK(contains(error(path), "did you mean 'cifar10:" + path + "'"));
  CHECK(contains(error("/no/such/place"), "a path without a kind, and no directory"));
  CHECK(contains(error("./no:such"), "a path without a kind"));
}

namespace {

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
