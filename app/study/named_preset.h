#pragma once

#include <string>

#include "app/study/recipe_choice.h"

namespace nas {

/// A preset that was named keeps its epochs, also where it is the default one: what a trial's
/// recipe changes does not reach them (`inherit_recipe`). Throws Error(kUsage) for an unknown name.
inline void name_preset(RecipeChoice& choice, const std::string& preset) {
  choice.preset = preset;
  choice.options.emplace("epochs", std::to_string(recipe_preset(preset).epochs));
}

}  // namespace nas
