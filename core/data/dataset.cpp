#include "core/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string>

#include "core/data/dataset_kind.h"
#include "core/util/directory.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kLargestSide = 1024;  // of images that are resized

std::span<const DatasetKind* const> kinds() {
#define NAS_ADDRESS_OF_KIND(name) &name##_kind(),
  static const DatasetKind* const kTable[] = {NAS_IMAGE_KINDS(NAS_ADDRESS_OF_KIND)};
#undef NAS_ADDRESS_OF_KIND
  return kTable;
}

bool exists_in(const std::filesystem::path& directory, std::string_view name) {
  return !find_plain_or_gzip(directory, name).empty();
}

/// Somebody wrote a path and no kind: says how to write it, by what the directory holds.
[[noreturn]] void suggest_kind(std::string_view spec) {
  const std::filesystem::path path(spec);
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    throw Error(ErrorKind::kUsage, "'" + printable(spec) +
                                       "' is a path without a kind, and no directory; write "
                                       "KIND:DIR (kinds: nasctl data list)");
  }
  std::string likely = "folder", other = "cifar10";
  if (exists_in(path, "fine_label_names.txt")) {
    likely = "cifar100";
  } else if (exists_in(path, "data_batch_1.bin") || exists_in(path, "train.bin")) {
    likely = "cifar10";
    other = "cifar100";
  } else if (exists_in(path, "train-images-idx3-ubyte") ||
             exists_in(path, "train-images.idx3-ubyte")) {
    likely = "mnist";
  }
  throw Error(ErrorKind::kUsage,
              "'" + printable(spec) + "' is a path without a kind; did you mean '" + likely + ":" +
                  printable(spec) + "'? (or " + other + ":..., see nasctl data list)");
}

const DatasetKind& find_kind(std::string_view name) {
  std::vector<std::string> known;
  for (const DatasetKind* kind : kinds()) {
    if (kind->info.name == name) return *kind;
    known.push_back(kind->info.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("data set kind", name, known));
}

bool is_kind(std::string_view name) {
  return std::any_of(kinds().begin(), kinds().end(),
                     [&](const DatasetKind* kind) { return kind->info.name == name; });
}

/// Takes "@64" off the end of a directory, unless that is its name; 0 where there is none.
std::size_t take_side(const DatasetKind& kind, std::string_view& directory) {
  const std::size_t at = directory.rfind('@');
  if (at == std::string_view::npos) return 0;
  const auto side = parse_int(directory.substr(at + 1));
  std::error_code ignored;
  if (!side || std::filesystem::exists(std::filesystem::path(directory), ignored)) return 0;
  if (kind.load_resized == nullptr) {
    throw Error(ErrorKind::kUsage, "data set kind '" + kind.info.name +
                                       "' has one size; only a folder of images is resized");
  }
  if (*side < 1 || *side > kLargestSide) {
    throw Error(ErrorKind::kUsage, "size " + std::to_string(*side) + ", must be in [1, " +
                                       std::to_string(kLargestSide) + "]");
  }
  directory = directory.substr(0, at);
  return static_cast<std::size_t>(*side);
}

void check_set(const LoadedImages& data, const ImageSet& set, std::string_view part) {
  const std::string where = std::string(part) + " set: ";
  if (set.size() == 0) throw Error(ErrorKind::kData, where + "no images");
  if (set.shape != data.train.shape) {
    throw Error(ErrorKind::kData, where + "images are " + to_string(set.shape) +
                                      ", those of the training set " + to_string(data.train.shape));
  }
  NAS_CHECK(set.pixels.size() == set.size() * static_cast<std::size_t>(set.shape.elements()),
            where + "pixels and labels disagree");
  const std::uint16_t highest = *std::max_element(set.labels.begin(), set.labels.end());
  if (highest >= data.classes.size()) {
    throw Error(ErrorKind::kData, where + "label " + std::to_string(highest) + ", but there are " +
                                      std::to_string(data.classes.size()) + " classes");
  }
}

std::string_view as_text(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string digest_of(const ImageSet& set) {
  std::string labels;  // little-endian whatever the machine is
  labels.reserve(set.size() * 2);
  for (const std::uint16_t label : set.labels) {
    labels += static_cast<char>(label & 0xff);
    labels += static_cast<char>(label >> 8);
  }
  return to_string(set.shape) + sha256_hex(as_text(set.pixels)) + sha256_hex(labels);
}

std::string identity(const DatasetKind& kind, const LoadedImages& data) {
  const std::string digest = sha256_hex(digest_of(data.train) + digest_of(data.test));
  return kind.info.name + "[" + std::to_string(data.train.size()) + "+" +
         std::to_string(data.test.size()) + "]#" + digest.substr(0, 8);
}

/// Mean and deviation by channel of pixels / 255, from exact integer sums.
void add_statistics(ImageDataset& dataset) {
  const ImageSet& set = dataset.train;
  const auto channels = static_cast<std::size_t>(set.shape[0]);
  const auto plane = static_cast<std::size_t>(set.shape[1] * set.shape[2]);
  for (std::size_t c = 0; c < channels; ++c) {
    std::uint64_t sum = 0;
    std::uint64_t squares = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
      const auto pixels = set.image(i).subspan(c * plane, plane);
      std::uint64_t image_squares = 0;
      std::uint64_t image_sum = 0;
      for (const std::uint32_t value : pixels) {
        image_sum += value;
        image_squares += value * value;
      }
      sum += image_sum;
      squares += image_squares;
    }
    const auto count = static_cast<double>(set.size() * plane);
    const double mean = static_cast<double>(sum) / count;
    const double variance = std::max(0.0, static_cast<double>(squares) / count - mean * mean);
    // A constant channel carries nothing: any deviation maps it to 0.
    const double deviation = variance > 0 ? std::sqrt(variance) / 255.0 : 1.0;
    dataset.mean.push_back(static_cast<float>(mean / 255.0));
    dataset.deviation.push_back(static_cast<float>(deviation));
  }
}

std::shared_ptr<const ImageDataset> read_dataset(const DatasetKind& kind, std::string_view spec,
                                                 const std::filesystem::path& directory,
                                                 std::size_t side) {
  LoadedImages data = side > 0 ? kind.load_resized(directory, side) : kind.load(directory);
  try {
    check_set(data, data.train, "training");
    check_set(data, data.test, "test");
  } catch (const Error& error) {
    throw error.with_context("data set '" + std::string(spec) + "'");
  }
  auto dataset = std::make_shared<ImageDataset>();
  dataset->id = identity(kind, data);
  dataset->source = std::string(spec) + (data.note.empty() ? "" : " (" + data.note + ")");
  dataset->classes = std::move(data.classes);
  dataset->train = std::move(data.train);
  dataset->test = std::move(data.test);
  add_statistics(*dataset);
  return dataset;
}

/// Images that are in no file are always the same: made once, when a process first wants them.
std::shared_ptr<const ImageDataset> built_in(std::string_view name) {
  static const auto kBuiltIn = [] {
    std::map<std::string_view, std::shared_ptr<const ImageDataset>> sets;
    for (const DatasetKind* kind : kinds()) {
      if (kind->info.reads_directory) continue;
      sets.emplace(kind->info.name, read_dataset(*kind, kind->info.name, {}, 0));
    }
    return sets;
  }();
  return kBuiltIn.at(name);
}

}  // namespace

std::span<const DatasetInfo> dataset_kinds() {
  static const std::vector<DatasetInfo> infos = [] {
    std::vector<DatasetInfo> result;
    for (const DatasetKind* kind : kinds()) result.push_back(kind->info);
    return result;
  }();
  return infos;
}

std::string spelling(const DatasetInfo& kind) {
  return kind.reads_directory ? kind.name + ":" + kind.argument : kind.name;
}

std::string_view directory_of(const DatasetInfo& kind, std::string_view spec) {
  const std::size_t colon = spec.find(':');
  const bool given = colon != std::string_view::npos;
  const std::string_view directory = given ? spec.substr(colon + 1) : std::string_view();
  if (kind.reads_directory && directory.empty()) {
    throw Error(ErrorKind::kUsage, "data set '" + std::string(spec) + "': write " + spelling(kind) +
                                       ", where DIR holds " + kind.layout);
  }
  if (!kind.reads_directory && given) {
    throw Error(ErrorKind::kUsage, "data set '" + std::string(spec) + "': write " + spelling(kind) +
                                       "; it reads no directory");
  }
  return directory;
}

void refuse_path_without_kind(std::string_view spec) {
  const std::size_t colon = spec.find(':');
  const std::string_view name = spec.substr(0, colon);
  std::error_code ignored;
  const bool path =
      name.find('/') != std::string_view::npos || name == "." || name == ".." ||
      (colon == std::string_view::npos && std::filesystem::is_directory(name, ignored));
  if (path) suggest_kind(spec);
}

std::shared_ptr<const ImageDataset> load_dataset(std::string_view spec) {
  const std::string_view name = spec.substr(0, spec.find(':'));
  if (!is_kind(name)) refuse_path_without_kind(spec);
  const DatasetKind& kind = find_kind(name);
  std::string_view directory = directory_of(kind.info, spec);
  const std::size_t side = take_side(kind, directory);
  if (side > 0 && directory.empty()) directory_of(kind.info, kind.info.name);  // throws
  return kind.info.reads_directory ? read_dataset(kind, spec, directory, side) : built_in(name);
}

void throw_missing(const DatasetInfo& kind, const std::filesystem::path& directory,
                   std::string_view missing) {
  std::error_code ignored;
  const std::string need = "; " + kind.name + " needs " + kind.layout;
  if (!std::filesystem::is_directory(directory, ignored)) {
    throw Error(ErrorKind::kIo, directory.string() + ": no such directory" + need);
  }
  throw Error(ErrorKind::kIo,
              directory.string() + ": " + std::string(missing) + " is missing" + need);
}

}  // namespace nas
