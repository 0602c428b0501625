#include <doctest/doctest.h>

#include <numeric>

#include "core/data/dataset.h"
#include "core/util/file.h"
#include "tests/core/data/test_files.h"
#include "tests/test_data.h"

namespace {

using nas::ErrorKind;
using nas::test::contains;
using nas::test::error_text;
using nas::test::write_bytes;

std::string be32(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string idx_images(std::uint32_t count, std::uint32_t height, std::uint32_t width) {
  std::string bytes = std::string("\0\0\x08\x03", 4) + be32(count) + be32(height) + be32(width);
  for (std::uint32_t i = 0; i < count * height * width; ++i) bytes += static_cast<char>(i % 251);
  return bytes;
}

std::string idx_labels(const std::vector<int>& labels) {
  std::string bytes =
      std::string("\0\0\x08\x01", 4) + be32(static_cast<std::uint32_t>(labels.size()));
  for (const int label : labels) bytes += static_cast<char>(label);
  return bytes;
}

/// Three training and two test images of 2 rows and 3 columns.
void write_small_set(const std::filesystem::path& directory) {
  write_bytes(directory / "train-images-idx3-ubyte", idx_images(3, 2, 3));
  write_bytes(directory / "train-labels-idx1-ubyte", idx_labels({0, 2, 1}));
  write_bytes(directory / "t10k-images-idx3-ubyte", idx_images(2, 2, 3));
  write_bytes(directory / "t10k-labels-idx1-ubyte", idx_labels({1, 2}));
}

std::string load_error(ErrorKind kind, const std::filesystem::path& directory) {
  return error_text(kind, [&] { nas::load_dataset("mnist:" + directory.string()); });
}

}  // namespace

TEST_CASE("idx: a small set is read with its shape, labels and classes") {
  const nas::TemporaryDirectory directory;
  write_small_set(directory.path());
  const auto data = nas::load_dataset("mnist:" + directory.path().string());
  CHECK(data->train.shape == nas::Shape{1, 2, 3});
  CHECK(data->train.labels == std::vector<std::uint16_t>{0, 2, 1});
  CHECK(data->test.labels == std::vector<std::uint16_t>{1, 2});
  CHECK(data->classes == std::vector<std::string>{"0", "1", "2"});
  std::vector<std::uint8_t> expected(18);
  std::iota(expected.begin(), expected.end(), std::uint8_t{0});
  CHECK(data->train.pixels == expected);
  CHECK(data->train.image(1)[0] == 6);
}

TEST_CASE("idx: names with a dot are found, and give the same data set id") {
  const nas::TemporaryDirectory dash;
  const nas::TemporaryDirectory dot;
  write_small_set(dash.path());
  for (const auto& entry : std::filesystem::directory_iterator(dash.path())) {
    std::string name = entry.path().filename().string();
    name.replace(name.find("-idx"), 1, ".");
    std::filesystem::copy_file(entry.path(), dot.path() / name);
  }
  const auto a = nas::load_dataset("mnist:" + dash.path().string());
  const auto b = nas::load_dataset("mnist:" + dot.path().string());
  CHECK(a->id == b->id);
  CHECK(a->id.starts_with("mnist[3+2]#"));
}

TEST_CASE("idx: one changed pixel or label changes the data set id") {
  const nas::TemporaryDirectory directory;
  write_small_set(directory.path());
  const std::string spec = "mnist:" + directory.path().string();
  const std::string before = nas::load_dataset(spec)->id;
  std::string images = idx_images(2, 2, 3);
  images.back() = 99;
  write_bytes(directory.path() / "t10k-images-idx3-ubyte", images);
  const std::string pixel = nas::load_dataset(spec)->id;
  CHECK(pixel != before);
  write_bytes(directory.path() / "t10k-labels-idx1-ubyte", idx_labels({2, 2}));
  CHECK(nas::load_dataset(spec)->id != pixel);
}

TEST_CASE("idx: a file cut at any byte is refused and named") {
  const nas::TemporaryDirectory directory;
  write_small_set(directory.path());
  const std::string whole = idx_images(3, 2, 3);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_bytes(directory.path() / "train-images-idx3-ubyte", whole.substr(0, size));
    const std::string text = load_error(ErrorKind::kData, directory.path());
    CHECK(contains(text, "train-images-idx3-ubyte"));
    CHECK(contains(text, "truncated"));
  }
}

TEST_CASE("idx: malformed headers are refused with what was expected") {
  const nas::TemporaryDirectory directory;
  write_small_set(directory.path());
  const auto images = directory.path() / "train-images-idx3-ubyte";
  SUBCASE("bytes after the end") {
    write_bytes(images, idx_images(3, 2, 3) + "x");
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "34 bytes expected"));
  }
  SUBCASE("labels where images should be") {
    write_bytes(images, idx_labels(std::vector<int>(20, 1)));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "found 0 0 8 1"));
  }
  SUBCASE("a side of 4 billion") {
    write_bytes(images, std::string("\0\0\x08\x03", 4) + be32(3) + be32(0xffffffff) + be32(3));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "dimension 1 is 4,294,967,295"));
  }
  SUBCASE("four billion images announced in a small file") {
    write_bytes(images,
                std::string("\0\0\x08\x03", 4) + be32(0xffffffff) + be32(4096) + be32(4096));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "truncated"));
  }
  SUBCASE("no images") {
    write_bytes(images, std::string("\0\0\x08\x03", 4) + be32(0) + be32(2) + be32(3));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "dimension 0 is 0"));
  }
  SUBCASE("fewer labels than images") {
    write_bytes(directory.path() / "train-labels-idx1-ubyte", idx_labels({0, 1}));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "2 labels, but"));
  }
  SUBCASE("a test label that training does not know") {
    write_bytes(directory.path() / "t10k-labels-idx1-ubyte", idx_labels({1, 7}));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "label 7"));
  }
  SUBCASE("test images of another size") {
    write_bytes(directory.path() / "t10k-images-idx3-ubyte", idx_images(2, 3, 3));
    CHECK(contains(load_error(ErrorKind::kData, directory.path()), "[1,3,3]"));
  }
}

TEST_CASE("idx: a missing file is named with what the directory must hold") {
  const nas::TemporaryDirectory directory;
  write_small_set(directory.path());
  std::filesystem::remove(directory.path() / "t10k-labels-idx1-ubyte");
  const std::string text = load_error(ErrorKind::kIo, directory.path());
  CHECK(contains(text, "t10k-labels-idx1-ubyte[.gz] is missing"));
  CHECK(contains(text, "mnist needs train-images-idx3-ubyte"));
  CHECK(contains(load_error(ErrorKind::kIo, directory.path() / "absent"), "no such directory"));
}

TEST_CASE("acceptance: MNIST has its published statistics") {
  const auto directory = nas::test::test_data("set-mnist");
  if (directory.empty()) return;
  const auto data = nas::load_dataset("mnist:" + directory.string());
  CHECK(data->train.size() == 60000);
  CHECK(data->test.size() == 10000);
  CHECK(data->train.shape == nas::Shape{1, 28, 28});
  const std::vector<std::uint16_t> first(data->train.labels.begin(),
                                         data->train.labels.begin() + 10);
  CHECK(first == std::vector<std::uint16_t>{5, 0, 4, 1, 9, 2, 1, 3, 1, 4});
  // The usual normalisation constants of MNIST, to all the digits that are quoted.
  CHECK(data->mean[0] == doctest::Approx(0.13066).epsilon(1e-4));
  CHECK(data->deviation[0] == doctest::Approx(0.30811).epsilon(1e-4));
}
