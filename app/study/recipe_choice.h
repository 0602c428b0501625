#pragma once

#include <string>
#include <string_view>

#include "core/api/recipe.h"
#include "core/problems/data_kinds.h"

namespace nas {

/// A preset and what is changed of it.
struct RecipeChoice {
  std::string preset = "short";
  OptionMap options;
  friend bool operator==(const RecipeChoice&, const RecipeChoice&) = default;
};

/// The preset, over it what the data set needs (`DatasetInfo::recipe`), over that the user's
/// options. Fields of a problem's own are those of `data`, or of any problem where it is null.
/// Throws Error(kUsage): unknown preset or option, value out of range. `what` names the place:
/// "recipe".
Recipe make_recipe(const RecipeChoice& choice, std::string_view what = "recipe",
                   const DataKind* data = nullptr);

/// Every field that any recipe may have: the common ones, then those of each problem.
std::vector<FieldDoc> all_recipe_fields();

/// Throws Error(kUsage) for one of the options that a user states which changes no result on this
/// data: a circuit is fitted and has no epochs. `what` names the place: "--recipe". Unknown names
/// are left to `make_recipe`.
void refuse_without_effect(const OptionMap& stated, std::string_view what, const DataKind& data);

/// Gives every option its value.
void resolve_recipe(RecipeChoice& choice, std::string_view what, const DataKind* data);

/// What the recipe changes of its preset holds for the winner too, unless the final recipe says
/// otherwise: not how long a preset of its own trains, nor the samples held out to judge a trial.
void inherit_recipe(const RecipeChoice& recipe, RecipeChoice& final_recipe);

}  // namespace nas
