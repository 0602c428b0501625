#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/api/batch.h"
#include "core/ir/tensor_type.h"
#include "predictors/zerocost/engine.h"

namespace nas {

/// N(0, 1) in float32, four numbers of a Philox block at a time.
void fill_normal(std::span<float> values, Rng& rng);

/// `count` batches for a network that reads `shape` and has `classes` outputs: of the problem's
/// training samples, or noise when it is null. Throws Error(kUsage) when samples and shape do not
/// fit, or there are more classes than outputs.
std::vector<Batch> make_batches(const ScoreSettings& settings, const Problem* problem,
                                const Shape& shape, std::int64_t classes, std::int64_t count);

}  // namespace nas
