#include "cli/training_argument.h"

#include "cli/data_argument.h"
#include "core/api/plugin_choice.h"
#include "core/api/recipe_presets.h"

namespace nas::cli {

std::vector<OptionSpec> training_options() {
  return {{.name = "data",
           .value = "KIND:DIR",
           .help = "data set to train on (nasctl data list)",
           .required = true},
          size_option(),
          {.name = "preset",
           .value = "NAME",
           .help = "recipe (nasctl recipe list)",
           .choices = recipe_preset_names(),
           .standard = RecipeChoice{}.preset},
          {.name = "recipe",
           .value = "KEY=VALUE",
           .help = "change one value of the recipe (nasctl recipe show)",
           .repeated = true}};
}

std::string training_data(const Arguments& arguments) {
  return with_size(arguments, *arguments.text("data"));
}

RecipeChoice recipe_argument(const Arguments& arguments) {
  RecipeChoice recipe{arguments.value("preset"), {}};
  for (const std::string& option : arguments.all("recipe")) add_option(recipe.options, option);
  return recipe;
}

}  // namespace nas::cli
