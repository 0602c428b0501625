#pragma once

#include <filesystem>

#include "core/problems/data_kinds.h"

namespace nas {

/// How a saved model was trained, as far as its file says so and `problem` has such fields; the
/// defaults otherwise. Throws Error(kIo | kData) for a file that cannot be read.
Recipe recipe_of_model(const std::filesystem::path& model, const ProblemRecord& problem);
/// The same for data of this kind: what it needs takes the place of the defaults, and what is
/// `stated` of the problem's own fields goes before both. Throws Error(kUsage) for another field.
Recipe recipe_of_model(const std::filesystem::path& model, const DataKind& kind,
                       const OptionMap& stated);

}  // namespace nas
