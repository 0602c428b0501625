#include "app/session/data_spec.h"
#include "app/study/study_config.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/plugin_tables.h"
#include "core/api/recipe_effect.h"
#include "core/api/recipe_presets.h"
#include "core/problems/data_kinds.h"
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
  for (const DataKind& kind : data_kinds()) {
    table.rows.push_back({kind.info.name, std::string("data set"), assignments(kind.info.recipe),
                          kind.info.summary});
  }
  context.print(table);
  return 0;
}

int run_show(const Arguments& arguments, Context& context) {
  const std::string preset = arguments.text_or("PRESET", RecipeChoice{}.preset);
  const std::string data = arguments.text_or("data", "");
  const std::string spec = data.empty() ? "" : data_spec(context.session(), data);
  // Without data the fields of images are shown beside the common ones.
  const DataKind& kind = data.empty() ? data_kinds().front() : data_kind(spec);
  const OptionMap for_data = data.empty() ? OptionMap{} : kind.info.recipe;
  const OptionMap of_preset = recipe_options(recipe_preset(preset));
  const OptionMap values = recipe_options(make_recipe({preset, for_data}, "recipe", &kind));
  std::vector<FieldDoc> fields = describe_fields(recipe_fields());
  std::erase_if(fields,
                [&kind](const FieldDoc& field) { return !has_effect(*kind.problem, field.name); });
  for (FieldDoc& field : kind.problem->fields.docs()) fields.push_back(std::move(field));
  Table table{.kind = "recipe",
              .columns = {{"key", "", false, true},
                          {"value"},
                          {"from"},
                          {"range"},
                          {"unit"},
                          {.name = "meaning", .shrink = true, .wrap = true},
                          {"source", "", true, false, true}},
              .caption = "--recipe KEY=VALUE changes one"};
  for (const FieldDoc& field : fields) {
    const bool by_data = for_data.contains(field.name);
    const auto preset_value = of_preset.find(field.name);
    const bool by_preset =
        preset_value != of_preset.end() && preset_value->second != field.default_value;
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
