#pragma once

#include <cstdint>
#include <span>

#include "core/api/problem.h"

namespace nas {

/// What a training sees of its samples, given the class of each: disjoint lists, stratified by
/// class, drawn from (seed, kSplit). Depends on nothing else. A limit (0: none) only shortens its
/// list, so that no sample changes sides with it. Throws Error(kUsage) for a fraction outside
/// [0, 1) or a negative limit, Error(kData) for too few samples.
TrainSplit split_training_set(std::span<const std::uint16_t> labels, double validation_fraction,
                              std::int64_t train_samples, std::int64_t validation_samples,
                              std::uint64_t seed);

}  // namespace nas
