#pragma once

#include <filesystem>

#include "core/api/recipe.h"

namespace nas {

/// How a saved model was trained, as far as its file says so and `problem` has such fields; the
/// defaults otherwise. Throws Error(kIo | kData) for a file that cannot be read.
Recipe recipe_of_model(const std::filesystem::path& model, const ProblemRecord& problem);

}  // namespace nas
