#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/tensor_type.h"

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

struct DatasetInfo {
  std::string name;
  std::string layout;  ///< what the directory must hold
  std::string summary;
};
/// The known kinds: cifar10, cifar100, mnist (IDX), folder, glyphs.
std::span<const DatasetInfo> dataset_kinds();

/// "cifar10:DIR", "cifar100:DIR", "mnist:DIR", "folder:DIR", "glyphs" (generated; needs the font
/// packages). Files may be gzipped. Throws Error(kUsage) for an unknown kind, Error(kIo) for
/// missing files, Error(kData) for a truncated or malformed one (file, offset, what was expected).
std::shared_ptr<const ImageDataset> load_dataset(std::string_view spec);

/// Which images a training sees: disjoint index lists into `ImageDataset::train`, stratified by
/// class, drawn from (seed, kSplit). Depends on nothing else.
struct TrainSplit {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};
TrainSplit split_training_set(const ImageSet& train, double validation_fraction,
                              std::int64_t train_samples, std::int64_t validation_samples,
                              std::uint64_t seed);

}  // namespace nas
