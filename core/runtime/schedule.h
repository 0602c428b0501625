#pragma once

#include <cstdint>

#include "core/api/recipe.h"

namespace nas {

/// Learning rate of optimiser step `step` (from 0 over all epochs). Warm-up rises linearly to the
/// full rate over `warmup_epochs`; then cosine (per step, to `final_learning_rate`), step (x 0.1 at
/// 50 % and 75 % of the epochs), constant, or triangular2: `cycles` equal cycles over all epochs,
/// each a linear rise from `final_learning_rate` and a fall back, as high above it as half the one
/// before (Smith, WACV 2017, arXiv 1506.01186). Throws Error(kUsage) for an unknown schedule.
double learning_rate(const Recipe& recipe, std::int64_t step, std::int64_t steps_per_epoch);

}  // namespace nas
