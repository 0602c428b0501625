#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/data/batch_loader.h"
#include "core/ir/tensor_type.h"
#include "predictors/zerocost/engine.h"

namespace nas {

/// N(0, 1) in float32, four numbers of a Philox block at a time.
void fill_normal(std::span<float> values, Rng& rng);

/// Images and labels of the settings: from `data`, or noise when it is null. Throws Error(kUsage)
/// when data and shape do not fit, or it has more classes than the network.
std::vector<Batch> make_batches(const ScoreSettings& settings,
                                const std::shared_ptr<const ImageDataset>& data, const Shape& shape,
                                std::int64_t classes, std::int64_t count);

}  // namespace nas
