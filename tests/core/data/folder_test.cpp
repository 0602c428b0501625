#include <doctest/doctest.h>

#include <vector>

#include "core/data/dataset.h"
#include "core/data/image_file.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/core/data/test_files.h"

namespace {

using nas::ErrorKind;
using nas::test::contains;
using nas::test::encode_jpeg;
using nas::test::encode_png;
using nas::test::error_text;
using nas::test::pixels;
using nas::test::write_bytes;

using Bytes = std::vector<std::uint8_t>;

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

TEST_CASE("folder: a class called Train that holds folders is a class beside others") {
  const nas::TemporaryDirectory root;
  for (int i = 0; i < 5; ++i) {
    const std::string name = std::to_string(i) + ".png";
    write_bytes(root.path() / "Bus" / name, png(i, 1));
    write_bytes(root.path() / "Train" / (i < 2 ? "old" : "new") / name, png(i + 5, 1));
  }
  const auto data = nas::load_dataset("folder:" + root.path().string());
  CHECK(data->classes == std::vector<std::string>{"Bus", "Train"});
  CHECK(data->train.labels.size() + data->test.labels.size() == 10);
}

TEST_CASE("folder: a class that leaves its test set empty is named") {
  const nas::TemporaryDirectory root;
  for (int i = 0; i < 6; ++i) {
    write_bytes(root.path() / "a" / (std::to_string(i) + ".png"), png(i, 1));
  }
  write_bytes(root.path() / "b" / "0.png", png(9, 1));
  CHECK_THROWS_WITH_AS(nas::load_dataset("folder:" + root.path().string()),
                       doctest::Contains("class 'b' has 1 image, too few"), nas::Error);
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
