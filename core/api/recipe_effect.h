#pragma once

#include <string_view>

#include "core/api/problem_record.h"

namespace nas {

/// Whether a common field of a recipe, by name, changes results of this problem. A problem that
/// fits its architectures itself reads three of them.
inline bool has_effect(const ProblemRecord& problem, std::string_view common_field) {
  return !problem.fits_itself() || common_field == "optimizer" || common_field == "learning_rate" ||
         common_field == "seed";
}

}  // namespace nas
