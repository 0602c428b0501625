#include "app/study/recipe_choice.h"

#include <algorithm>

#include "core/api/recipe_effect.h"
#include "core/util/error.h"

namespace nas {

Recipe make_recipe(const RecipeChoice& choice, std::string_view what, const DataKind* data) {
  OptionMap options = recipe_options(recipe_preset(choice.preset));
  if (data != nullptr) {
    for (const auto& [name, value] : data->info.recipe) options[name] = value;
  }
  for (const auto& [name, value] : choice.options) options[name] = value;
  if (data == nullptr) return parse_recipe(options, problem_records(), what);
  return parse_recipe(options, std::span(&data->problem, 1), what);
}

std::vector<FieldDoc> all_recipe_fields() {
  std::vector<FieldDoc> fields = describe_fields(recipe_fields());
  for (const ProblemRecord* problem : problem_records()) {
    for (FieldDoc& field : problem->fields.docs()) {
      const bool known = std::any_of(fields.begin(), fields.end(), [&](const FieldDoc& other) {
        return other.name == field.name;
      });
      if (!known) fields.push_back(std::move(field));
    }
  }
  return fields;
}

void refuse_without_effect(const OptionMap& stated, std::string_view what, const DataKind& data) {
  for (const Field<Recipe>& field : recipe_fields()) {
    if (!stated.contains(std::string(field.name)) || has_effect(*data.problem, field.name))
      continue;
    throw Error(ErrorKind::kUsage, std::string(what) + " " + std::string(field.name) +
                                       " has no effect: data '" + data.info.name +
                                       "' fits circuits, without a training (nasctl recipe show "
                                       "--data " +
                                       data.info.name + ")");
  }
}

void resolve_recipe(RecipeChoice& choice, std::string_view what, const DataKind* data) {
  choice.options = recipe_options(make_recipe(choice, what, data));
}

void inherit_recipe(const RecipeChoice& recipe, RecipeChoice& final_recipe) {
  OptionMap usual = recipe_options(recipe_preset(recipe.preset));
  for (const FieldDoc& field : all_recipe_fields()) usual.emplace(field.name, field.default_value);
  const bool own_length = final_recipe.preset != RecipeChoice().preset;
  for (const auto& [name, value] : recipe.options) {
    const auto found = usual.find(name);
    const bool changed = found != usual.end() && found->second != value;
    if (!changed || name == "validation_fraction" || (own_length && name == "epochs")) continue;
    final_recipe.options.emplace(name, value);
  }
}

}  // namespace nas
