#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/api/batch.h"
#include "core/data/augment.h"
#include "core/data/dataset.h"

namespace nas {

/// Batches of images of `set`, which is a part of `dataset`: [N, C, H, W], normalised to mean 0,
/// deviation 1 by channel. They are distorted as `augmentation` says when `options.augment`.
/// Throws Error(kUsage) for arguments out of range.
std::unique_ptr<BatchSource> load_images(std::shared_ptr<const ImageDataset> dataset,
                                         const ImageSet& set, std::vector<std::uint32_t> images,
                                         const BatchOptions& options,
                                         const Augmentation& augmentation = {});

}  // namespace nas
