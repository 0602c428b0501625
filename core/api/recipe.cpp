#include "core/api/recipe_presets.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "core/api/recipe_effect.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kMany = 1e9;
constexpr std::string_view kNb201 = "NAS-Bench-201 (arXiv 2001.00326)";

// A field that comes later says with `before` what trainings did without it: stored fidelities keep
// their meaning, and half-done studies can be resumed.
constexpr std::array kFields = {
    Field<Recipe>{"epochs", &Recipe::epochs, "passes over the training set", "epochs", 1, 100'000},
    Field<Recipe>{"batch", &Recipe::batch, "samples in a step", "samples", 1, 65'536},
    Field<Recipe>{.name = "optimizer",
                  .member = &Recipe::optimizer,
                  .meaning = "rule that updates the weights; lbfgs and spsa only fit circuits",
                  .choices = "sgd|adam|adamw|rmsprop|adagrad|lbfgs|spsa"},
    Field<Recipe>{"learning_rate", &Recipe::learning_rate, "highest learning rate", "", 0, 100,
                  kNb201},
    Field<Recipe>{"final_learning_rate", &Recipe::final_learning_rate,
                  "where the cosine schedule ends, and triangular2 begins", "", 0, 100, kNb201},
    Field<Recipe>{"momentum", &Recipe::momentum, "momentum of sgd and rmsprop", "", 0, 0.9999,
                  kNb201},
    Field<Recipe>{"nesterov", &Recipe::nesterov, "Nesterov momentum of sgd"},
    Field<Recipe>{"weight_decay", &Recipe::weight_decay, "decay of the weights", "", 0, 10, kNb201},
    Field<Recipe>{.name = "decay_norm",
                  .member = &Recipe::decay_norm,
                  .meaning = "decay also of biases and of the scales of normalisations",
                  .before = "true"},
    Field<Recipe>{.name = "schedule",
                  .member = &Recipe::schedule,
                  .meaning = "learning rate over time: cosine for each step, step (x 0.1 at 50 % "
                             "and 75 % of the epochs), constant, or triangular2 (up and down in "
                             "cycles, each half as high as the one before)",
                  .choices = "cosine|step|constant|triangular2"},
    Field<Recipe>{.name = "cycles",
                  .member = &Recipe::cycles,
                  .meaning = "cycles of triangular2",
                  .min = 1,
                  .max = 10'000,
                  .before = "1"},
    Field<Recipe>{"warmup_epochs", &Recipe::warmup_epochs,
                  "linear rise of the learning rate at the start", "epochs", 0, 100'000},
    Field<Recipe>{"label_smoothing", &Recipe::label_smoothing,
                  "part of the target spread over all classes", "", 0, 0.9999},
    Field<Recipe>{
        "ema_decay", &Recipe::ema_decay,
        "decay of the moving average of the weights, which then is what is judged; 0 = off", "", 0,
        0.999999},
    Field<Recipe>{"gradient_clip", &Recipe::gradient_clip,
                  "largest norm of the whole gradient; 0 = off", "", 0, kMany},
    Field<Recipe>{"auxiliary_weight", &Recipe::auxiliary_weight,
                  "weight of the loss of an auxiliary head; 0 = no head", "", 0, 10},
    Field<Recipe>{"validation_fraction", &Recipe::validation_fraction,
                  "part of the training set held out to judge by; 0 = train on all", "", 0, 0.9},
    Field<Recipe>{"train_samples", &Recipe::train_samples, "most training samples; 0 = all",
                  "samples", 0, kMany},
    Field<Recipe>{"validation_samples", &Recipe::validation_samples,
                  "most validation samples; 0 = all", "samples", 0, kMany},
    Field<Recipe>{"seed", &Recipe::seed, "seed of weights, split, order and augmentation", "", 0,
                  4'294'967'295.0},
    Field<Recipe>{"width", &Recipe::width,
                  "width of the trained network; 0 = the space's own, -1 = its small network",
                  "channels", -1, 65'536},
    Field<Recipe>{"depth", &Recipe::depth,
                  "depth of the trained network; 0 = the space's own, -1 = its small network",
                  "cells", -1, 1000},
    Field<Recipe>{"skeleton", &Recipe::skeleton,
                  "variant of the outer network; empty = the space's own"},
    Field<Recipe>{.name = "precision",
                  .member = &Recipe::precision,
                  .meaning = "arithmetic of the forward and backward passes",
                  .choices = "float32|bfloat16"},
};

// The fields of a problem's own stand before this one in a fidelity, where those of images have
// stood since the first release.
constexpr std::string_view kAfterOwn = "validation_fraction";

bool is_common(std::string_view name) {
  return std::any_of(kFields.begin(), kFields.end(),
                     [name](const Field<Recipe>& field) { return field.name == name; });
}

bool has_field(const ProblemRecord& problem, std::string_view name) {
  const std::vector<FieldDoc> fields = problem.fields.docs();
  return std::any_of(fields.begin(), fields.end(),
                     [name](const FieldDoc& field) { return field.name == name; });
}

[[noreturn]] void fail_unknown(std::string_view name,
                               std::span<const ProblemRecord* const> problems,
                               std::string_view what) {
  std::vector<std::string> known;
  for (const Field<Recipe>& field : kFields) known.emplace_back(field.name);
  for (const ProblemRecord* problem : problems) {
    for (const FieldDoc& field : problem->fields.docs()) known.push_back(field.name);
  }
  throw Error(ErrorKind::kUsage, std::string(what) + ": " + unknown_name("option", name, known));
}

// Seconds on one core: proves that everything works, ranks nothing.
Recipe smoke() {
  Recipe recipe;
  recipe.epochs = 1;
  recipe.batch = 64;
  recipe.train_samples = 512;
  recipe.validation_samples = 256;
  recipe.width = -1;
  recipe.depth = -1;
  return recipe;
}

// About a minute on one core for NAS-Bench-201 cells (a twentieth of the published network on a
// sixth of the images): enough to tell good cells from bad ones.
Recipe short_search() {
  Recipe recipe;
  recipe.epochs = 3;
  recipe.train_samples = 8'000;
  recipe.validation_samples = 2'000;
  recipe.width = -1;
  recipe.depth = -1;
  return recipe;
}

// Dong and Yang, NAS-Bench-201 (ICLR 2020), table 1 and section 2.2, on "CIFAR-10-valid": half of
// the training set is held out; published seeds are 777, 888, 999.
Recipe full() {
  Recipe recipe;
  recipe.epochs = 200;
  recipe.batch = 256;
  recipe.learning_rate = 0.1;
  recipe.final_learning_rate = 0;
  recipe.momentum = 0.9;
  recipe.nesterov = true;
  recipe.weight_decay = 5e-4;
  recipe.validation_fraction = 0.5;
  recipe.seed = 777;
  return recipe;
}

/// Of a problem that fits its architectures itself: no field of a training on samples matters.
std::string fit_text(const ProblemRecord& problem, std::string_view data_id, const Recipe& recipe) {
  std::string text(data_id);
  for (const Field<Recipe>& field : kFields) {
    if (!has_effect(problem, field.name)) continue;
    text += "; " + settled_text<Recipe>(std::span(&field, 1), recipe);
  }
  const std::string own = problem.fields.settled(recipe.problem);
  return own.empty() ? text : text + "; " + own;
}

constexpr std::array kPresets = {
    RecipePreset{"smoke",
                 "seconds: 512 images, once, on the space's small network; proves that all works",
                 smoke},
    RecipePreset{"short",
                 "minutes: 8,000 images three times on the small network, judged on 2,000 held out",
                 short_search},
    RecipePreset{"full", "the published training of NAS-Bench-201, half of the images held out",
                 full}};

}  // namespace

std::span<const Field<Recipe>> recipe_fields() {
  return kFields;
}

std::span<const RecipePreset> recipe_presets() {
  return kPresets;
}

std::string_view recipe_preset_names() {
  static const std::string names = [] {
    std::vector<std::string> words;
    for (const RecipePreset& preset : kPresets) words.emplace_back(preset.name);
    return join(words, "|");
  }();
  return names;
}

Recipe recipe_preset(std::string_view name) {
  std::vector<std::string> names;
  for (const RecipePreset& preset : kPresets) {
    if (preset.name == name) return preset.make();
    names.emplace_back(preset.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("recipe", name, names));
}

Recipe parse_recipe(const OptionMap& options, std::span<const ProblemRecord* const> problems,
                    std::string_view what) {
  OptionMap common, own;
  for (const auto& [name, value] : options) (is_common(name) ? common : own)[name] = value;
  for (const auto& [name, value] : own) {
    const auto owner =
        std::find_if(problems.begin(), problems.end(),
                     [&name](const ProblemRecord* problem) { return has_field(*problem, name); });
    if (owner == problems.end()) fail_unknown(name, problems, what);
    try {
      (*owner)->fields.resolve({{name, value}});
    } catch (const Error& error) {
      throw error.with_context(what);
    }
  }
  Recipe recipe = parse_fields<Recipe>(kFields, common, what);
  recipe.problem = problems.size() == 1 ? problems.front()->fields.resolve(own) : std::move(own);
  return recipe;
}

OptionMap recipe_options(const Recipe& recipe) {
  OptionMap options = fields_to_map<Recipe>(kFields, recipe);
  options.insert(recipe.problem.begin(), recipe.problem.end());
  return options;
}

std::string fidelity_text(const ProblemRecord& problem, std::string_view data_id,
                          const Recipe& recipe) {
  if (problem.fits_itself()) return fit_text(problem, data_id, recipe);
  const auto after = std::find_if(kFields.begin(), kFields.end(), [](const Field<Recipe>& field) {
    return field.name == kAfterOwn;
  });
  const std::string parts[] = {settled_text<Recipe>(std::span(kFields.begin(), after), recipe),
                               problem.fields.settled(recipe.problem),
                               settled_text<Recipe>(std::span(after, kFields.end()), recipe)};
  std::string text(data_id);
  for (const std::string& part : parts) {
    if (!part.empty()) text += "; " + part;
  }
  return text;
}

std::int64_t Fidelity::epochs() const {
  const auto found = options.find("epochs");
  return found == options.end() ? 0 : parse_int(found->second).value_or(0);
}

Fidelity parse_fidelity(std::string_view text) {
  Fidelity fidelity;
  const std::vector<std::string> parts = split(text, ';');
  fidelity.data_id = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = trim(parts[i]);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    fidelity.options[std::string(part.substr(0, equals))] = part.substr(equals + 1);
  }
  return fidelity;
}

Recipe recipe_of(const Fidelity& fidelity, const ProblemRecord& problem) {
  OptionMap options;
  for (const Field<Recipe>& field : kFields) {
    if (field.before) options[std::string(field.name)] = *field.before;
  }
  for (const auto& [name, value] : fidelity.options) {
    if (is_common(name) || has_field(problem, name)) options[name] = value;
  }
  const ProblemRecord* const problems[] = {&problem};
  return parse_recipe(options, problems, "fidelity");
}

Task task_for(const SearchSpace& space, const Task& posed, const Recipe& recipe) {
  if (posed.qubits > 0) return circuit_task(posed.qubits);
  Task task = space.info().default_task;
  task.qubits = 0;
  task.input = posed.input;
  task.classes = posed.classes;
  const SpaceInfo& info = space.info();
  if (recipe.width != 0) task.width = recipe.width > 0 ? recipe.width : info.small_width;
  if (recipe.depth != 0) task.depth = recipe.depth > 0 ? recipe.depth : info.small_depth;
  if (!recipe.skeleton.empty()) task.skeleton = recipe.skeleton;
  task.auxiliary = recipe.auxiliary_weight > 0;
  return task;
}

}  // namespace nas
