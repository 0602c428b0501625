#include "app/session/data_spec.h"
#include "app/study/study_config.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/plugin_tables.h"
#include "core/api/recipe_presets.h"
#include "core/data/dataset.h"
#include "core/data/dataset_recipe.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// "batch=32 flip=false"
std::string assignments(const OptionMap& options) {
  std::string text;
  for (const auto& [key, value] : options) text += (text.empty() ? "" : " ") + key + "=" + value;
  return text;
}

/// What a preset changes of the defaults.
OptionMap changes_of(const RecipePreset& preset) {
  const OptionMap defaults = fields_to_map(recipe_fields(), Recipe{});
  OptionMap changes;
  for (const auto& [key, value] : fields_to_map(recipe_fields(), preset.make())) {
    if (defaults.at(key) != value) changes[key] = value;
  }
  return changes;
}

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "recipes",
              .columns = {{"name", "", false, true},
                          {"kind"},
                          {.name = "values", .wrap = true},
                          {.name = "summary", .shrink = true, .wrap = true}},
              .caption =
                  "a data set's values go before those of the preset, --recipe KEY=VALUE "
                  "before both; nasctl recipe show PRESET lists every key"};
  for (const RecipePreset& preset : recipe_presets()) {
    table.rows.push_back({std::string(preset.name), std::string("preset"),
                          assignments(changes_of(preset)), std::string(preset.summary)});
  }
  for (const DatasetInfo& data : dataset_kinds()) {
    table.rows.push_back(
        {data.name, std::string("data set"), assignments(dataset_recipe(data.name)), data.summary});
  }
  context.print(table);
  return 0;
}

int run_show(const Arguments& arguments, Context& context) {
  const std::string preset = arguments.text_or("PRESET", RecipeChoice{}.preset);
  const std::string data = arguments.text_or("data", "");
  const std::string spec = data.empty() ? "" : data_spec(context.session(), data);
  if (!data.empty()) require_dataset_kind(spec);
  const OptionMap& for_data = dataset_recipe(spec);
  const OptionMap defaults = fields_to_map(recipe_fields(), Recipe{});
  const OptionMap of_preset = fields_to_map(recipe_fields(), recipe_preset(preset));
  const OptionMap values =
      fields_to_map(recipe_fields(), make_recipe({preset, {}}, "recipe", for_data));
  Table table{.kind = "recipe",
              .columns = {{"key", "", false, true},
                          {"value"},
                          {"from"},
                          {"range"},
                          {"unit"},
                          {.name = "meaning", .shrink = true, .wrap = true},
                          {"source", "", true, false, true}},
              .caption = "--recipe KEY=VALUE changes one"};
  for (const FieldDoc& field : describe_fields(recipe_fields())) {
    const bool by_data = for_data.contains(field.name);
    const bool by_preset = of_preset.at(field.name) != defaults.at(field.name);
    const std::string from = by_data ? "data set" : by_preset ? "preset" : "default";
    table.rows.push_back({field.name, number_cell(values.at(field.name)), from, field.range,
                          field.unit, field.meaning, field.source});
  }
  context.print(table);
  return 0;
}

}  // namespace

const Command recipe_list{
    .noun = "recipe",
    .verb = "list",
    .summary = "how networks are trained: presets, and what each data set needs",
    .examples = "nasctl recipe list",
    .run = run_list};

const Command recipe_show{
    .noun = "recipe",
    .verb = "show",
    .summary = "every key of a recipe with its value, range and meaning",
    .examples = "nasctl recipe show short\nnasctl recipe show full --data glyphs",
    .positionals = {{.name = "PRESET",
                     .help =
                         "a recipe of nasctl recipe list; without it the one that a search takes",
                     .required = false,
                     .completes = "preset"}},
    .options = {{.name = "data",
                 .value = "KIND[:DIR]",
                 .help = "with the values that this data set needs"}},
    .run = run_show};

}  // namespace nas::cli
