#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/data/dataset_kind.h"
#include "core/data/image_file.h"
#include "core/data/orientation.h"
#include "core/data/split.h"
#include "core/util/directory.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

struct LabelledFile {
  fs::path path;
  std::uint16_t label;
};

/// JPEG files are also called .jpe and .jfif.
bool has_image_ending(const fs::path& path) {
  const std::string ending = to_lower(path.extension().string());
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".jpe" ||
         ending == ".jfif";
}

/// An image that is not read would be missing without a word.
void refuse_other_image(const fs::path& path) {
  constexpr std::string_view kOthers[] = {".gif",  ".webp", ".bmp", ".tif", ".tiff", ".heic",
                                          ".avif", ".ppm",  ".pgm", ".jp2", ".jxl"};
  const std::string ending = to_lower(path.extension().string());
  if (std::find(std::begin(kOthers), std::end(kOthers), ending) == std::end(kOthers)) return;
  throw Error(ErrorKind::kData, printable(path.string()) + ": a " + ending +
                                    " image, and only PNG and JPEG are read; convert it, or take "
                                    "it out of the folder");
}

std::vector<fs::path> class_directories(const fs::path& part) {
  std::error_code ignored;
  if (!fs::is_directory(part, ignored)) {
    throw_missing(folder_kind().info, part, "a directory of classes");
  }
  auto directories = visible_directories(part);
  if (directories.empty()) throw_missing(folder_kind().info, part, "a class directory");
  return directories;
}

std::vector<LabelledFile> list_files(const fs::path& part, const fs::path& training,
                                     const std::vector<std::string>& classes) {
  std::vector<LabelledFile> files;
  for (const fs::path& directory : class_directories(part)) {
    const std::string name = directory.filename().string();
    const auto at = std::lower_bound(classes.begin(), classes.end(), name);
    if (at == classes.end() || *at != name) {
      throw Error(ErrorKind::kData,
                  directory.string() + ": " + unknown_name("class", name, classes) +
                      "; the classes are the directories in " + training.string());
    }
    const auto label = static_cast<std::uint16_t>(at - classes.begin());
    const std::size_t before = files.size();
    for (const fs::directory_entry& entry : visible_entries_below(directory)) {
      std::error_code ignored;
      const bool file = entry.is_regular_file(ignored);
      if (file) refuse_other_image(entry.path());
      if (!has_image_ending(entry.path())) continue;
      if (!file && entry.is_symlink(ignored) && !fs::exists(entry.path(), ignored)) {
        throw Error(ErrorKind::kData,
                    printable(entry.path().string()) + ": a link to a file that is not there");
      }
      if (file) files.push_back({entry.path(), label});
    }
    if (files.size() == before) {
      throw Error(
          ErrorKind::kData,
          directory.string() + ": no .png, .jpg or .jpeg file in it, nor in folders below it");
    }
  }
  return files;
}

std::string size_text(const DecodedImage& image) {
  return std::to_string(image.width) + " x " + std::to_string(image.height);
}

/// Collects the images of both parts and requires one size. Whether the set is grey is known only
/// at the end: a single colour image makes all of them [3, H, W].
class Collector {
 public:
  /// `side`: of the images, resized; 0: they must have one size.
  explicit Collector(std::size_t side) : side_(side) {}

  void add(const LabelledFile& file) {
    DecodedImage image = read_image_file(file.path);
    if (side_ > 0) image = resized(image, side_);
    if (images_.empty())
      first_ = file.path;
    else if (image.height != images_[0].height || image.width != images_[0].width) {
      throw Error(ErrorKind::kData, file.path.string() + ": the image is " + size_text(image) +
                                        ", but " + first_.string() + " is " +
                                        size_text(images_[0]) +
                                        "; all images must have one size: write folder:DIR@32 "
                                        "(or --size 32) to resize them");
    }
    channels_ = std::max(channels_, image.channels);
    images_.push_back(std::move(image));
    labels_.push_back(file.label);
  }

  std::size_t size() const { return images_.size(); }

  ImageSet take(std::size_t begin, std::size_t end) {
    ImageSet set;
    set.shape =
        Shape{static_cast<std::int64_t>(channels_), static_cast<std::int64_t>(images_[0].height),
              static_cast<std::int64_t>(images_[0].width)};
    set.pixels.reserve((end - begin) * static_cast<std::size_t>(set.shape.elements()));
    for (std::size_t i = begin; i < end; ++i) {
      const std::vector<std::uint8_t>& pixels = images_[i].pixels;
      const std::size_t copies = channels_ / images_[i].channels;
      for (std::size_t k = 0; k < copies; ++k) {
        set.pixels.insert(set.pixels.end(), pixels.begin(), pixels.end());
      }
      set.labels.push_back(labels_[i]);
    }
    return set;
  }

 private:
  std::size_t side_;
  fs::path first_;
  std::size_t channels_ = 1;
  std::vector<DecodedImage> images_;
  std::vector<std::uint16_t> labels_;
};

/// Where the two parts of a set are; `test` is empty where it is to be split off.
struct Parts {
  fs::path train, test;
  std::string note;
};

constexpr std::string_view kTestNames[] = {"test", "val", "valid", "validation"};

bool holds_images(const fs::path& directory) {
  return std::ranges::any_of(
      visible_entries_below(directory),
      [](const fs::directory_entry& entry) { return has_image_ending(entry.path()); });
}

/// Does `directory` stand among other classes, as a class called Train does? A part has other parts
/// beside it, or nothing that holds images.
bool is_among_classes(const fs::path& directory, std::span<const fs::path> siblings) {
  bool classes = false;
  for (const fs::path& other : siblings) {
    if (other == directory) continue;
    const std::string name = to_lower(other.filename().string());
    if (name == "train" || std::ranges::find(kTestNames, name) != std::end(kTestNames))
      return false;
    classes = classes || holds_images(other);
  }
  return classes;
}

/// The directory of this name in `root`, else the one that has it in capitals, holds folders and is
/// not a class; "" where there is none.
fs::path part_directory(const fs::path& root, std::string_view name) {
  std::error_code ignored;
  if (fs::is_directory(root / name, ignored)) return root / name;
  const std::vector<fs::path> directories = visible_directories(root);
  for (const fs::path& directory : directories) {
    if (to_lower(directory.filename().string()) != name) continue;
    if (visible_directories(directory).empty()) continue;
    if (!is_among_classes(directory, directories)) return directory;
  }
  return {};
}

Parts find_parts(const fs::path& root) {
  std::error_code ignored;
  if (!fs::is_directory(root, ignored)) throw_missing(folder_kind().info, root, "");
  Parts parts{root, {}, ""};
  parts.train = part_directory(root, "train");
  if (parts.train.empty()) {
    parts.train = root;
    if (!part_directory(root, "test").empty()) {
      throw_missing(folder_kind().info, root, "the directory 'train'");
    }
    // A folder in a folder, as unpackers leave it: a set has more than one class.
    const auto inner = visible_directories(root);
    const bool wrapped = inner.size() == 1 && !visible_directories(inner[0]).empty();
    return wrapped ? find_parts(inner[0]) : parts;
  }
  for (const std::string_view name : kTestNames) {
    parts.test = part_directory(root, name);
    if (parts.test.empty()) continue;
    if (name != "test") parts.note = "the test set is " + std::string(name) + "/";
    break;
  }
  return parts;
}

ImageSet part_of(const ImageSet& all, const std::vector<std::uint32_t>& images) {
  ImageSet set;
  set.shape = all.shape;
  for (const std::uint32_t i : images) {
    const auto pixels = all.image(i);
    set.pixels.insert(set.pixels.end(), pixels.begin(), pixels.end());
    set.labels.push_back(all.labels[i]);
  }
  return set;
}

/// Where a fifth of each class is the test set, a class needs an image for each part.
void refuse_empty_classes(const fs::path& root, const LoadedImages& data) {
  std::vector<std::size_t> in_test(data.classes.size()), in_training(data.classes.size());
  for (const std::uint16_t label : data.test.labels) ++in_test[label];
  for (const std::uint16_t label : data.train.labels) ++in_training[label];
  for (std::size_t c = 0; c < data.classes.size(); ++c) {
    if (in_test[c] > 0 && in_training[c] > 0) continue;
    const std::size_t images = in_test[c] + in_training[c];
    throw Error(ErrorKind::kData,
                root.string() + ": class '" + data.classes[c] + "' has " + std::to_string(images) +
                    (images == 1 ? " image" : " images") +
                    ", too few to take a fifth of them as the test set; add images, or put test "
                    "images into test/");
  }
}

LoadedImages load_folder_resized(const fs::path& root, std::size_t side) {
  constexpr double kTestFraction = 0.2;
  const Parts parts = find_parts(root);
  LoadedImages data;
  data.note = parts.note;
  for (const fs::path& directory : class_directories(parts.train)) {
    data.classes.push_back(directory.filename().string());
  }
  if (data.classes.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw Error(ErrorKind::kUnsupported, root.string() + ": more than 65,535 classes");
  }
  Collector collector(side);
  for (const LabelledFile& file : list_files(parts.train, parts.train, data.classes)) {
    collector.add(file);
  }
  const std::size_t train_size = collector.size();
  if (parts.test.empty()) {
    const ImageSet all = collector.take(0, train_size);
    const TrainSplit split = split_training_set(all.labels, kTestFraction, 0, 0, 0);
    data.train = part_of(all, split.train);
    data.test = part_of(all, split.validation);
    refuse_empty_classes(root, data);
    data.note = "no test/ in it: a fifth of each class is the test set, drawn with seed 0";
    return data;
  }
  for (const LabelledFile& file : list_files(parts.test, parts.train, data.classes)) {
    collector.add(file);
  }
  data.train = collector.take(0, train_size);
  data.test = collector.take(train_size, collector.size());
  return data;
}

LoadedImages load_folder(const fs::path& root) {
  return load_folder_resized(root, 0);
}

}  // namespace

const DatasetKind& folder_kind() {
  static const DatasetKind kind = {
      {"folder",
       "train/CLASS/*.png|jpg|jpeg and test/CLASS/*.png|jpg|jpeg, one directory for each class, "
       "also in folders below it, or CLASS/*.png|jpg|jpeg alone, of which a fifth becomes the test "
       "set; images of one size, or DIR@32 to resize them",
       "a folder of PNG and JPEG images, one directory for each class"},
      load_folder,
      load_folder_resized};
  return kind;
}

}  // namespace nas
