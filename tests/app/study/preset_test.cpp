#include <doctest/doctest.h>

#include <memory>

#include "app/reports/smoke.h"
#include "app/study/study_config.h"
#include "core/api/recipe_presets.h"
#include "core/problems/images.h"
#include "core/runtime/trainer.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

/// Two images to train on and two to judge by, 32 x 32 in colour.
std::shared_ptr<const Problem> four_images() {
  auto data = std::make_shared<ImageDataset>();
  data->id = "four";
  data->classes = {"dark", "bright"};
  for (ImageSet* set : {&data->train, &data->test}) {
    set->shape = {3, 32, 32};
    set->labels = {0, 1, 0, 1};
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t shade = i % 2 == 0 ? 40 : 210;
      set->pixels.insert(set->pixels.end(), std::size_t{3 * 32 * 32}, shade);
    }
  }
  data->mean = {0.5F, 0.5F, 0.5F};
  data->deviation = {0.3F, 0.3F, 0.3F};
  return pose_images(data);
}

/// Trains a drawn network of the space by one step of the recipe.
void take_first_step(const SearchSpace& space, Recipe recipe) {
  static const auto problem = four_images();
  Rng rng({.seed = 5, .purpose = Purpose::kTest});
  recipe.epochs = 1;
  recipe.batch = 2;
  recipe.train_samples = 2;
  recipe.validation_samples = 2;
  recipe.validation_fraction = 0.5;
  Model model(space.build(sample(space, rng), task_for(space, *problem, recipe)),
              RngKey{.seed = 5});
  const TrainReport report =
      train(model, {.problem = problem, .recipe = recipe, .checkpoint = {}, .stop = {}}, false);
  CHECK(report.epochs_done == 1);
}

}  // namespace

TEST_CASE("every preset's first step runs in every space, and so does the search for CI") {
  StudyConfig smoke = smoke_config();
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    // The presets are those of images; a space of sequences has its own data.
    if (space->info().default_task.input.rank() != 3) continue;
    for (const RecipePreset& preset : recipe_presets()) {
      CAPTURE(preset.name);
      CHECK_NOTHROW(take_first_step(*space, preset.make()));
    }
    smoke.space.name = plugin->name;
    const StudyConfig config = resolve(smoke);
    CHECK_NOTHROW(take_first_step(*space, make_recipe(config.recipe)));
    CHECK_NOTHROW(take_first_step(*space, make_recipe(config.final_recipe)));
  }
}

TEST_CASE("small networks are smaller where a space has sizes") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const SpaceInfo info = plugin->make({})->info();
    if (!info.width_meaning.empty()) CHECK(info.small_width > 0);
    if (!info.depth_meaning.empty()) CHECK(info.small_depth > 0);
  }
}

TEST_CASE("a final preset that a study file names keeps its epochs, also where it is the default") {
  const auto final_epochs = [](const std::string& section) {
    const StudyConfig config = parse_study_config(
        "data = \"glyphs\"\n[space]\nname = \"nasbench201\"\n[recipe]\nepochs = 7\n" + section,
        "study.toml");
    return resolve(config).final_recipe.options.at("epochs");
  };
  CHECK(final_epochs("") == "7");
  CHECK(final_epochs("[final]\npreset = \"short\"\n") ==
        std::to_string(recipe_preset("short").epochs));
  CHECK(final_epochs("[final]\npreset = \"short\"\nepochs = 9\n") == "9");
  CHECK(final_epochs("[final]\nwidth = 8\n") == "7");
}

TEST_CASE("a data set brings what its images need, and the user has the last word") {
  const auto own = [](const RecipeChoice& choice, const char* data, const char* name) {
    return make_recipe(choice, "recipe", &data_kind(data)).problem.at(name);
  };
  for (const RecipePreset& preset : recipe_presets()) {
    CAPTURE(preset.name);
    const RecipeChoice choice{std::string(preset.name), {}};
    CHECK(make_recipe(choice, "recipe", &data_kind("glyphs")).batch == 32);
    CHECK(own(choice, "glyphs", "flip") == "false");
    CHECK(own(choice, "glyphs", "crop_padding") == "0");
    CHECK(own(choice, "mnist:DIR", "flip") == "false");
    CHECK(own(choice, "cifar10:DIR", "flip") == "true");
  }
  CHECK(own({"short", {{"flip", "true"}}}, "glyphs", "flip") == "true");
  StudyConfig config;
  config.space.name = "nasbench201";
  config.data = "glyphs";
  config.recipe.options["batch"] = "16";
  const StudyConfig resolved = resolve(config);
  CHECK(resolved.recipe.options.at("flip") == "false");
  CHECK(resolved.recipe.options.at("batch") == "16");
  CHECK(resolved.final_recipe.options.at("batch") == "16");  // the winner's too
  CHECK(resolved.final_recipe.options.at("flip") == "false");
  CHECK(resolve(resolved) == resolved);
  // An added name stands for a kind.
  config.data = "letters";
  CHECK(resolve(config, "mnist:/data").recipe.options.at("flip") == "false");
  // Of a name alone nobody knows the problem.
  CHECK_FALSE(resolve(config).recipe.options.contains("flip"));
}
