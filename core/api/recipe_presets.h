#pragma once

#include <span>
#include <string_view>

#include "core/api/recipe.h"

namespace nas {

/// A named starting point; what it leaves out has the defaults of `Recipe`.
struct RecipePreset {
  std::string_view name;
  std::string_view summary;  ///< one line
  Recipe (*make)();
};
/// smoke, short, full (`recipe_preset`): valid in every space, since sizes are those of the space.
std::span<const RecipePreset> recipe_presets();
/// "smoke|short|full"
std::string_view recipe_preset_names();

}  // namespace nas
