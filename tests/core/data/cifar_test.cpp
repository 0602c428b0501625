#include <doctest/doctest.h>

#include <algorithm>

#include "core/data/dataset.h"
#include "core/util/file.h"
#include "tests/core/data/test_files.h"
#include "tests/test_data.h"

namespace {

using nas::ErrorKind;
using nas::test::contains;
using nas::test::error_text;
using nas::test::write_bytes;

/// A record whose pixels are all `value` plus the number of the plane.
std::string record(const std::string& labels, int value) {
  std::string bytes = labels;
  for (int plane = 0; plane < 3; ++plane)
    bytes += std::string(1024, static_cast<char>(value + plane));
  return bytes;
}

std::string label(int value) {
  return std::string(1, static_cast<char>(value));
}

void write_small_cifar10(const std::filesystem::path& directory) {
  write_bytes(directory / "train.bin", record(label(3), 10) + record(label(9), 20));
  write_bytes(directory / "test.bin", record(label(0), 30));
}

std::string load_error(ErrorKind kind, const std::string& spec) {
  return error_text(kind, [&] { nas::load_dataset(spec); });
}

}  // namespace

TEST_CASE("cifar10: records become planes and labels") {
  const nas::TemporaryDirectory directory;
  write_small_cifar10(directory.path());
  const auto data = nas::load_dataset("cifar10:" + directory.path().string());
  CHECK(data->train.shape == nas::Shape{3, 32, 32});
  CHECK(data->train.labels == std::vector<std::uint16_t>{3, 9});
  CHECK(data->test.labels == std::vector<std::uint16_t>{0});
  CHECK(data->train.image(1)[0] == 20);
  CHECK(data->train.image(1)[1024] == 21);
  CHECK(data->train.image(1)[3071] == 22);
  CHECK(data->classes[3] == "cat");
  // Red is 10 or 20: mean 15, deviation 5.
  CHECK(data->mean[0] == doctest::Approx(15.0 / 255));
  CHECK(data->deviation[0] == doctest::Approx(5.0 / 255));
}

TEST_CASE("cifar10: a file cut inside a record is refused and named") {
  const nas::TemporaryDirectory directory;
  write_small_cifar10(directory.path());
  const std::string whole = record(label(3), 10) + record(label(9), 20);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{3072}, std::size_t{3074}, std::size_t{6145}}) {
    write_bytes(directory.path() / "train.bin", whole.substr(0, size));
    const std::string text = load_error(ErrorKind::kData, "cifar10:" + directory.path().string());
    CHECK(contains(text, "train.bin: a multiple of 3,073 bytes expected"));
    CHECK(contains(text, "truncated"));
  }
}

TEST_CASE("cifar10: an official batch file must hold its 10,000 records") {
  const nas::TemporaryDirectory directory;
  // Sparse files: all labels and pixels 0.
  const auto make = [&](const std::string& name, std::uintmax_t bytes) {
    write_bytes(directory.path() / name, "");
    std::filesystem::resize_file(directory.path() / name, bytes);
  };
  const std::string spec = "cifar10:" + directory.path().string();
  make("data_batch_1.bin", 30730000);
  CHECK(contains(load_error(ErrorKind::kIo, spec), "data_batch_2.bin is missing; cifar10 needs"));
  make("data_batch_2.bin", 29999999);
  CHECK(load_error(ErrorKind::kData, spec) ==
        "data_batch_2.bin: 30,730,000 bytes expected (10,000 records of 3,073), got 29,999,999: "
        "the file is truncated; fetch it again");
  make("data_batch_2.bin", 9999 * 3073);  // whole records, but one too few
  CHECK(contains(load_error(ErrorKind::kData, spec), "truncated"));
  make("data_batch_2.bin", 10001 * 3073);
  CHECK(contains(load_error(ErrorKind::kData, spec), "this is another file"));
}

TEST_CASE("cifar10: a label out of range is located") {
  const nas::TemporaryDirectory directory;
  write_small_cifar10(directory.path());
  write_bytes(directory.path() / "train.bin", record(label(3), 10) + record(label(10), 20));
  CHECK(contains(load_error(ErrorKind::kData, "cifar10:" + directory.path().string()),
                 "train.bin: record 1 at byte 3073 has label 10, must be below 10"));
}

TEST_CASE("cifar100: the fine label counts, and names are read when they are there") {
  const nas::TemporaryDirectory directory;
  write_bytes(directory.path() / "train.bin", record(label(4) + label(99), 1));
  write_bytes(directory.path() / "test.bin", record(label(19) + label(0), 2));
  const std::string spec = "cifar100:" + directory.path().string();
  auto data = nas::load_dataset(spec);
  CHECK(data->train.labels == std::vector<std::uint16_t>{99});
  CHECK(data->test.labels == std::vector<std::uint16_t>{0});
  CHECK(data->classes.size() == 100);
  CHECK(data->classes[99] == "99");

  std::string names;
  for (int i = 0; i < 100; ++i) names += "name" + std::to_string(i) + "\n";
  write_bytes(directory.path() / "fine_label_names.txt", names);
  data = nas::load_dataset(spec);
  CHECK(data->classes[99] == "name99");
  write_bytes(directory.path() / "fine_label_names.txt", "apple\n");
  CHECK(contains(load_error(ErrorKind::kData, spec), "100 class names expected, got 1"));
}

TEST_CASE("acceptance: the CIFAR-10 subset has its documented sizes and statistics") {
  const auto directory = nas::test::test_data("set-cifar10-subset");
  if (directory.empty()) return;
  const auto data = nas::load_dataset("cifar10:" + directory.string());
  CHECK(data->train.size() == 10000);
  CHECK(data->test.size() == 2000);
  for (std::uint16_t c = 0; c < 10; ++c) {
    CHECK(std::count(data->train.labels.begin(), data->train.labels.end(), c) == 1000);
    CHECK(std::count(data->test.labels.begin(), data->test.labels.end(), c) == 200);
  }
  // README of the subset: mean 0.4920 0.4828 0.4469, sd 0.2453 0.2430 0.2611.
  const double mean[] = {0.4920, 0.4828, 0.4469};
  const double deviation[] = {0.2453, 0.2430, 0.2611};
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(std::abs(data->mean[c] - mean[c]) < 1e-4);
    CHECK(std::abs(data->deviation[c] - deviation[c]) < 1e-4);
  }
}
