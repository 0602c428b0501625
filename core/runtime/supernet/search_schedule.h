#pragma once

#include <cstdint>

#include "core/api/recipe.h"

namespace nas {

/// When a differentiable search trains what, and how fast.
struct SearchSchedule {
  std::int64_t warmup_epochs = 0;  ///< weights only
  /// Learning rate of the weights in the warm-up, which falls to 0 by a cosine of its own; the
  /// recipe's schedule begins after it. 0: the recipe's schedule is over all epochs.
  double warmup_rate = 0;
  std::int64_t lead_epochs = 0;  ///< after the warm-up: again weights only
  std::int64_t every = 1;        ///< an architecture step after so many weight steps of an epoch
  /// Architecture steps of an epoch, evenly, at most one for each weight step; 0: by `every`.
  std::int64_t updates = 0;
};

/// Learning rate of the weights in step `step` (from 0 over all epochs).
double weight_rate(const SearchSchedule& schedule, const Recipe& recipe, std::int64_t step,
                   std::int64_t steps_per_epoch);

/// Does step `index` of `epoch` (both from 0) have an architecture step?
bool has_search_step(const SearchSchedule& schedule, std::int64_t epoch, std::int64_t index,
                     std::int64_t steps_per_epoch);

}  // namespace nas
