#include "core/data/image_loader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/data/batch_loader.h"
#include "core/util/error.h"

namespace nas {
namespace {

class ImageReader final : public SampleReader {
 public:
  ImageReader(std::shared_ptr<const ImageDataset> dataset, const ImageSet& set,
              const Augmentation& augmentation)
      : dataset_(std::move(dataset)),
        set_(set),
        augmentation_(augmentation),
        distorts_(augmentation.crop_padding > 0 || augmentation.flip || augmentation.cutout > 0),
        writer_(set.shape, dataset_->mean, dataset_->deviation, augmentation.cutout) {}

  std::size_t samples() const override { return set_.size(); }
  std::size_t elements() const override { return static_cast<std::size_t>(set_.shape.elements()); }
  std::int64_t label(std::uint32_t sample) const override { return set_.labels[sample]; }

  void read(std::uint32_t sample, Rng& chance, std::span<float> rows) const override {
    Distortion distortion;
    if (distorts_) distortion = draw_distortion(augmentation_, set_.shape, chance);
    writer_.write(set_.image(sample), distortion, rows.data());
  }

 private:
  const std::shared_ptr<const ImageDataset> dataset_;
  const ImageSet& set_;  ///< part of *dataset_
  const Augmentation augmentation_;
  const bool distorts_;
  const ImageWriter writer_;
};

void check_arguments(const ImageDataset& dataset, const ImageSet& set,
                     const Augmentation& augmentation) {
  const auto require = [](bool holds, const std::string& text) {
    if (!holds) throw Error(ErrorKind::kUsage, "images: " + text);
  };
  NAS_CHECK(set.shape.rank() == 3, "images are [C, H, W]");
  NAS_CHECK(dataset.mean.size() == static_cast<std::size_t>(set.shape[0]) &&
                dataset.deviation.size() == dataset.mean.size(),
            "one mean and deviation for each channel");
  require(augmentation.crop_padding >= 0, "crop_padding must be >= 0");
  require(augmentation.cutout >= 0, "cutout must be >= 0");
  require(augmentation.crop_padding < std::min(set.shape[1], set.shape[2]),
          "crop_padding = " + std::to_string(augmentation.crop_padding) +
              ", must be below the side of the image");
}

}  // namespace

std::unique_ptr<BatchSource> load_images(std::shared_ptr<const ImageDataset> dataset,
                                         const ImageSet& set, std::vector<std::uint32_t> images,
                                         const BatchOptions& options,
                                         const Augmentation& augmentation) {
  NAS_CHECK(dataset != nullptr, "images belong to a data set");
  const Augmentation used = options.augment ? augmentation : Augmentation{};
  check_arguments(*dataset, set, used);
  return std::make_unique<BatchLoader>(std::make_unique<ImageReader>(std::move(dataset), set, used),
                                       std::move(images), options);
}

}  // namespace nas
