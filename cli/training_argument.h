#pragma once

#include <string>
#include <vector>

#include "app/study/recipe_choice.h"
#include "cli/command.h"

namespace nas::cli {

/// --data, --size, --preset and --recipe: what commands that train ask for.
std::vector<OptionSpec> training_options();
/// What --data says, with the size of --size. Throws Error(kUsage).
std::string training_data(const Arguments& arguments);
/// What --preset and --recipe say. Throws Error(kUsage).
RecipeChoice recipe_argument(const Arguments& arguments);

}  // namespace nas::cli
