#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/tensor_type.h"
#include "core/util/options.h"

namespace nas {

/// Images of equal size with class labels, as bytes: pixels [N, C, H, W], row-major, 0..255.
struct ImageSet {
  Shape shape;  ///< [C, H, W]
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint16_t> labels;
  std::size_t size() const { return labels.size(); }
  std::span<const std::uint8_t> image(std::size_t i) const {
    const auto n = static_cast<std::size_t>(shape.elements());
    return std::span(pixels).subspan(i * n, n);
  }
};

/// A data set in memory, shared read-only by all trials.
struct ImageDataset {
  std::string id;  ///< "cifar10", "mnist", "glyphs", "folder": with sizes and a content hash, what
                   ///< fidelity names
  std::string source;  ///< where it came from, for people
  std::vector<std::string> classes;
  ImageSet train;
  ImageSet test;
  std::vector<float> mean;  ///< by channel, of train pixels / 255
  std::vector<float> deviation;
};

/// What is known of a kind of data set before one is read.
struct DatasetInfo {
  std::string name;
  std::string layout;  ///< what the directory must hold
  std::string summary;
  bool reads_directory = true;  ///< "name:DIR"; false: the bare name
  /// Keys of a recipe that are right for its samples whatever a preset says: letters and digits
  /// have no mirror images. The user's own values go before them.
  OptionMap recipe{};
  std::string argument = "DIR";  ///< what stands behind "name:", in help
};
/// "mnist:DIR", or the bare name of a kind that reads no directory.
std::string spelling(const DatasetInfo& kind);
/// The directory of "mnist:DIR", "" for a kind that reads none. Throws Error(kUsage) where the
/// directory is missing, or is one too many.
std::string_view directory_of(const DatasetInfo& kind, std::string_view spec);

/// Throws Error(kUsage) for a path that somebody wrote without a kind: how to write it, by what the
/// directory holds. Nothing for anything else.
void refuse_path_without_kind(std::string_view spec);

/// The kinds of images: cifar10, cifar100, mnist (IDX), folder, glyphs.
std::span<const DatasetInfo> dataset_kinds();

/// "cifar10:DIR", "cifar100:DIR", "mnist:DIR", "folder:DIR", "glyphs" (generated; needs the font
/// packages). Files may be gzipped. Throws Error(kUsage) for an unknown kind, Error(kIo) for
/// missing files, Error(kData) for a truncated or malformed one (file, offset, what was expected).
std::shared_ptr<const ImageDataset> load_dataset(std::string_view spec);

}  // namespace nas
