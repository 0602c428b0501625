#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/data/dataset_kind.h"
#include "core/util/directory.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

// The binary version of https://www.cs.toronto.edu/~kriz/cifar.html: a record is the label bytes
// (CIFAR-10: class; CIFAR-100: coarse class, fine class), then the R, G and B planes of 32 x 32.
constexpr std::size_t kImageBytes = 3 * 32 * 32;
constexpr std::size_t kRecordsOfABatchFile = 10000;

struct CifarFormat {
  std::size_t label_bytes;  ///< the last of them is the label
  std::size_t classes;
  std::size_t record() const { return label_bytes + kImageBytes; }
};
constexpr CifarFormat kCifar10{1, 10};
constexpr CifarFormat kCifar100{2, 100};

std::string count(std::size_t n) {
  return format_count(static_cast<std::int64_t>(n));
}

void check_size(const CifarFormat& format, const std::string& name, std::size_t bytes,
                std::size_t records) {
  const std::string record = count(format.record());
  if (records != 0 && bytes != records * format.record()) {
    const bool less = bytes < records * format.record();
    throw Error(ErrorKind::kData, name + ": " + count(records * format.record()) +
                                      " bytes expected (" + count(records) + " records of " +
                                      record + "), got " + count(bytes) +
                                      (less ? ": the file is truncated; fetch it again"
                                            : ": this is another file; fetch it again"));
  }
  if (bytes == 0 || bytes % format.record() != 0) {
    throw Error(ErrorKind::kData, name + ": a multiple of " + record +
                                      " bytes expected (one record each), got " + count(bytes) +
                                      ": the file is truncated; fetch it again");
  }
}

/// Appends the records of a file. `records` is the count it must hold, 0 for any.
void append_file(const CifarFormat& format, const std::filesystem::path& path, std::size_t records,
                 ImageSet& set) {
  const std::string name = path.filename().string();
  const std::string bytes = read_file(path);
  if (!bytes.empty()) {
    refuse_foreign_content(std::string_view(bytes).substr(0, 4096), path.string());
  }
  check_size(format, name, bytes.size(), records);
  const std::size_t found = bytes.size() / format.record();
  for (std::size_t i = 0; i < found; ++i) {
    const std::size_t image = i * format.record() + format.label_bytes;
    const auto label = static_cast<std::uint8_t>(bytes[image - 1]);
    if (label >= format.classes) {
      throw Error(ErrorKind::kData, name + ": record " + std::to_string(i) + " at byte " +
                                        std::to_string(image - 1) + " has label " +
                                        std::to_string(label) + ", must be below " +
                                        std::to_string(format.classes));
    }
    set.labels.push_back(label);
    const auto* pixels = reinterpret_cast<const std::uint8_t*>(bytes.data()) + image;
    set.pixels.insert(set.pixels.end(), pixels, pixels + kImageBytes);
  }
}

void append_named(const DatasetInfo& kind, const CifarFormat& format,
                  const std::filesystem::path& directory, const std::string& name,
                  std::size_t records, ImageSet& set) {
  const std::filesystem::path path = find_plain_or_gzip(directory, name);
  if (path.empty()) throw_missing(kind, directory, name);
  append_file(format, path, records, set);
}

/// The directory itself, or the one that the published archive unpacks to inside it.
std::filesystem::path with_archive_folder(const std::filesystem::path& directory,
                                          const char* folder) {
  std::error_code ignored;
  const std::filesystem::path inner = directory / folder;
  return std::filesystem::is_directory(inner, ignored) ? inner : directory;
}

LoadedImages empty_images() {
  LoadedImages data;
  data.train.shape = data.test.shape = Shape{3, 32, 32};
  return data;
}

LoadedImages load_cifar10(const std::filesystem::path& given) {
  const DatasetInfo& kind = cifar10_kind().info;
  const std::filesystem::path directory = with_archive_folder(given, "cifar-10-batches-bin");
  LoadedImages data = empty_images();
  data.classes = {"airplane", "automobile", "bird",  "cat",  "deer",
                  "dog",      "frog",       "horse", "ship", "truck"};
  const bool single_files = !find_plain_or_gzip(directory, "train.bin").empty() &&
                            find_plain_or_gzip(directory, "data_batch_1.bin").empty();
  if (single_files) {
    append_named(kind, kCifar10, directory, "train.bin", 0, data.train);
    append_named(kind, kCifar10, directory, "test.bin", 0, data.test);
    return data;
  }
  data.train.pixels.reserve(5 * kRecordsOfABatchFile * kImageBytes);
  data.test.pixels.reserve(kRecordsOfABatchFile * kImageBytes);
  for (const char digit : {'1', '2', '3', '4', '5'}) {
    append_named(kind, kCifar10, directory, std::string("data_batch_") + digit + ".bin",
                 kRecordsOfABatchFile, data.train);
  }
  append_named(kind, kCifar10, directory, "test_batch.bin", kRecordsOfABatchFile, data.test);
  return data;
}

/// The names in fine_label_names.txt, or the numbers when the file is absent.
std::vector<std::string> cifar100_classes(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  const std::filesystem::path path = find_plain_or_gzip(directory, "fine_label_names.txt");
  if (path.empty()) {
    for (std::size_t i = 0; i < kCifar100.classes; ++i) names.push_back(std::to_string(i));
    return names;
  }
  names = split_words(read_file(path));
  if (names.size() != kCifar100.classes) {
    throw Error(ErrorKind::kData, path.filename().string() + ": 100 class names expected, got " +
                                      std::to_string(names.size()));
  }
  return names;
}

LoadedImages load_cifar100(const std::filesystem::path& given) {
  const DatasetInfo& kind = cifar100_kind().info;
  const std::filesystem::path directory = with_archive_folder(given, "cifar-100-binary");
  LoadedImages data = empty_images();
  append_named(kind, kCifar100, directory, "train.bin", 0, data.train);
  append_named(kind, kCifar100, directory, "test.bin", 0, data.test);
  data.classes = cifar100_classes(directory);
  return data;
}

}  // namespace

const DatasetKind& cifar10_kind() {
  static const DatasetKind kind = {
      {"cifar10",
       "data_batch_1.bin to data_batch_5.bin and test_batch.bin (10,000 records of 3,073 bytes "
       "each), or train.bin and test.bin with any number of records; each may end in .gz",
       "CIFAR-10, binary version: 32 x 32 colour images, 10 classes"},
      load_cifar10};
  return kind;
}

const DatasetKind& cifar100_kind() {
  static const DatasetKind kind = {
      {"cifar100",
       "train.bin and test.bin (records of 3,074 bytes: coarse label, fine label, pixels) and, if "
       "you like, fine_label_names.txt; each may end in .gz",
       "CIFAR-100, binary version: 32 x 32 colour images, the 100 fine classes"},
      load_cifar100};
  return kind;
}

}  // namespace nas
