#include "core/api/recipe_presets.h"

#include <array>

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
    Field<Recipe>{"batch", &Recipe::batch, "images in a step", "images", 1, 65'536},
    Field<Recipe>{.name = "optimizer",
                  .member = &Recipe::optimizer,
                  .meaning = "rule that updates the weights",
                  .choices = "sgd|adam|adamw"},
    Field<Recipe>{"learning_rate", &Recipe::learning_rate, "highest learning rate", "", 0, 100,
                  kNb201},
    Field<Recipe>{"final_learning_rate", &Recipe::final_learning_rate,
                  "where the cosine schedule ends", "", 0, 100, kNb201},
    Field<Recipe>{"momentum", &Recipe::momentum, "momentum of sgd", "", 0, 0.9999, kNb201},
    Field<Recipe>{"nesterov", &Recipe::nesterov, "Nesterov momentum of sgd"},
    Field<Recipe>{"weight_decay", &Recipe::weight_decay, "decay of all weights", "", 0, 10, kNb201},
    Field<Recipe>{.name = "schedule",
                  .member = &Recipe::schedule,
                  .meaning = "learning rate over time: cosine for each step, step (x 0.1 at 50 % "
                             "and 75 % of the epochs), or constant",
                  .choices = "cosine|step|constant"},
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
    Field<Recipe>{"crop_padding", &Recipe::crop_padding,
                  "zeros added at each border before a random crop; 0 = no crop", "pixels", 0, 1024,
                  kNb201},
    Field<Recipe>{"flip", &Recipe::flip, "random horizontal flips"},
    Field<Recipe>{"cutout", &Recipe::cutout, "side of the square set to zero; 0 = off", "pixels", 0,
                  1024},
    Field<Recipe>{"validation_fraction", &Recipe::validation_fraction,
                  "part of the training set held out to measure accuracy; 0 = train on all", "", 0,
                  0.9},
    Field<Recipe>{"train_samples", &Recipe::train_samples, "most training images; 0 = all",
                  "images", 0, kMany},
    Field<Recipe>{"validation_samples", &Recipe::validation_samples,
                  "most validation images; 0 = all", "images", 0, kMany},
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
  recipe.crop_padding = 4;
  recipe.flip = true;
  recipe.validation_fraction = 0.5;
  recipe.seed = 777;
  return recipe;
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

Task task_for(const SearchSpace& space, const Shape& images, std::int64_t classes,
              const Recipe& recipe) {
  Task task = space.info().default_task;
  task.input = images;
  task.classes = classes;
  const SpaceInfo& info = space.info();
  if (recipe.width != 0) task.width = recipe.width > 0 ? recipe.width : info.small_width;
  if (recipe.depth != 0) task.depth = recipe.depth > 0 ? recipe.depth : info.small_depth;
  if (!recipe.skeleton.empty()) task.skeleton = recipe.skeleton;
  task.auxiliary = recipe.auxiliary_weight > 0;
  return task;
}

std::string fidelity_text(std::string_view dataset_id, const Recipe& recipe) {
  return std::string(dataset_id) + "; " + settled_text(recipe_fields(), recipe);
}

}  // namespace nas
