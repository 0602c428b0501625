#include "core/problems/images.h"

#include <doctest/doctest.h>

#include "core/data/image_loader.h"
#include "core/util/error.h"

using namespace nas;

namespace {

/// `count` grey images of 4 x 4 in two classes; the test set has half as many.
std::shared_ptr<const ImageDataset> squares(std::size_t count) {
  auto data = std::make_shared<ImageDataset>();
  data->id = "squares";
  data->classes = {"even", "odd"};
  for (ImageSet* set : {&data->train, &data->test}) {
    set->shape = {1, 4, 4};
    for (std::size_t i = 0; i < (set == &data->train ? count : count / 2); ++i) {
      set->labels.push_back(static_cast<std::uint16_t>(i % 2));
      for (std::size_t p = 0; p < 16; ++p) {
        set->pixels.push_back(static_cast<std::uint8_t>((i * 31 + p * 7) % 256));
      }
    }
  }
  data->mean = {0.25F};
  data->deviation = {0.5F};
  return data;
}

std::vector<float> first_inputs(const Problem& problem, const Recipe& recipe,
                                const BatchOptions& options) {
  const auto source =
      problem.batches(Part::kTraining, all_samples(problem, Part::kTraining), recipe, options);
  source->start_epoch(2);
  Batch batch;
  REQUIRE(source->next(batch));
  return batch.inputs;
}

}  // namespace

TEST_CASE("images: pose their shape and classes, and split as ever") {
  const auto data = squares(20);
  const auto problem = pose_images(data);
  const Task posed = problem->poses({});
  CHECK(posed.input == Shape{1, 4, 4});
  CHECK(posed.classes == 2);
  CHECK(problem->data().samples(Part::kTraining) == 20);
  CHECK(problem->data().samples(Part::kTest) == 10);
  Recipe recipe;
  recipe.validation_fraction = 0.5;
  const TrainSplit split = problem->split(recipe);
  CHECK(split.train.size() == 10);
  CHECK(split.validation.size() == 10);
}

TEST_CASE("images: fields of their own say how a batch is distorted in training, never else") {
  const auto data = squares(20);
  const auto problem = pose_images(data);
  Recipe recipe;
  recipe.problem = {{"crop_padding", "2"}, {"flip", "true"}, {"cutout", "2"}};
  const BatchOptions plain{.batch = 8, .shuffle = true, .seed = 3};
  BatchOptions augmented = plain;
  augmented.augment = true;
  const auto by_loader = [&](const BatchOptions& options) {
    const auto source = load_images(data, data->train, all_samples(*problem, Part::kTraining),
                                    options, {2, true, 2});
    source->start_epoch(2);
    Batch batch;
    source->next(batch);
    return batch.inputs;
  };
  CHECK(first_inputs(*problem, recipe, augmented) == by_loader(augmented));
  CHECK(first_inputs(*problem, recipe, plain) == by_loader(plain));
  CHECK(by_loader(plain) != by_loader(augmented));
  recipe.problem = {{"crop_paddin", "2"}};
  CHECK_THROWS_WITH_AS(first_inputs(*problem, recipe, plain), doctest::Contains("crop_padding"),
                       Error);
}

TEST_CASE("images: normalised by 0.5 and 0.5 on demand") {
  const auto problem = pose_images(squares(20));
  Recipe half;
  half.problem = {{"normalisation", "half"}};
  const BatchOptions options{.batch = 8};
  const std::vector<float> usual = first_inputs(*problem, {}, options);
  const std::vector<float> inputs = first_inputs(*problem, half, options);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    CHECK(inputs[i] == doctest::Approx((usual[i] * 0.5 + 0.25 - 0.5) / 0.5));
  }
}

// Written by release 0.1.0. What is stored under these texts is found by them: they never change.
TEST_CASE("images: the fidelity of a released recipe keeps its text") {
  const auto problem = pose_images(squares(20));
  CHECK(fidelity_text(*problem, recipe_preset("full")) ==
        "squares; epochs=200; batch=256; optimizer=sgd; learning_rate=0.1; final_learning_rate=0; "
        "momentum=0.9; nesterov=true; weight_decay=5e-04; schedule=cosine; warmup_epochs=0; "
        "label_smoothing=0; ema_decay=0; gradient_clip=0; auxiliary_weight=0; crop_padding=4; "
        "flip=true; cutout=0; validation_fraction=0.5; train_samples=0; validation_samples=0; "
        "seed=777; width=0; depth=0; skeleton=; precision=float32");
  Recipe glyphs = recipe_preset("smoke");
  glyphs.epochs = 8;
  glyphs.batch = 32;
  glyphs.ema_decay = 0.9;
  glyphs.problem = {{"crop_padding", "0"}, {"flip", "false"}};
  CHECK(fidelity_text(images_problem, "glyphs[6000+1500]#3226c531", glyphs) ==
        "glyphs[6000+1500]#3226c531; epochs=8; batch=32; optimizer=sgd; learning_rate=0.1; "
        "final_learning_rate=0; momentum=0.9; nesterov=true; weight_decay=5e-04; schedule=cosine; "
        "warmup_epochs=0; label_smoothing=0; ema_decay=0.9; gradient_clip=0; auxiliary_weight=0; "
        "crop_padding=0; flip=false; cutout=0; validation_fraction=0.2; train_samples=512; "
        "validation_samples=256; seed=0; width=-1; depth=-1; skeleton=; precision=float32");
}
