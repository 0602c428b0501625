#include "predictors/zerocost/batches.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/util/error.h"

namespace nas {
namespace {

Batch noise_batch(const ScoreSettings& settings, const Shape& shape, std::int64_t classes,
                  std::int64_t number) {
  Rng rng({.seed = settings.seed,
           .trial = static_cast<std::uint64_t>(number),
           .purpose = Purpose::kProxy});
  Batch batch;
  batch.inputs.resize(static_cast<std::size_t>(settings.batch * shape.elements()));
  fill_normal(batch.inputs, rng);
  for (std::int64_t i = 0; i < settings.batch; ++i) {
    batch.labels.push_back(
        static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(classes))));
  }
  return batch;
}

/// The recipe by which a problem gives its samples: of images, cropped and flipped ones, normalised
/// as the settings say; other problems have no such fields.
Recipe sample_recipe(const ScoreSettings& settings, const Problem& problem, const Shape& shape) {
  const bool small = shape.rank() == 3 && std::min(shape[1], shape[2]) <= 16;
  const OptionMap wanted{{"crop_padding", small ? "2" : "4"},
                         {"flip", "true"},
                         {"normalisation", settings.normalisation}};
  Recipe recipe;
  for (const FieldDoc& field : problem.record().fields.docs()) {
    const auto found = wanted.find(field.name);
    if (found != wanted.end()) recipe.problem[field.name] = found->second;
  }
  return recipe;
}

void check_data(const ScoreSettings& settings, const Problem& problem, const Recipe& recipe,
                const Shape& shape, std::int64_t classes, std::int64_t count) {
  const std::string data = "data set '" + problem.data().id + "' has ";
  const std::string samples(problem.record().samples);
  const Task posed = problem.poses(recipe);
  if (posed.input != shape) {
    throw Error(ErrorKind::kUsage, "the network takes " + samples + " of " + to_string(shape) +
                                       ", " + data + to_string(posed.input) +
                                       ": build it for that size, or score on noise");
  }
  const auto known = static_cast<std::int64_t>(problem.data().classes.size());
  if (known > classes) {
    throw Error(ErrorKind::kUsage, "the network has " + std::to_string(classes) + " outputs, " +
                                       data + std::to_string(known) + " classes");
  }
  const auto given = static_cast<std::int64_t>(problem.data().samples(Part::kTraining));
  if (settings.batch * count > given) {
    throw Error(ErrorKind::kUsage, std::to_string(count) + " batches of " +
                                       std::to_string(settings.batch) + " asked for, " + data +
                                       std::to_string(given) + " " + samples);
  }
}

}  // namespace

void fill_normal(std::span<float> values, Rng& rng) {
  for (std::size_t i = 0; i < values.size(); i += 2) {
    // Box-Muller on 24 bits each; the first must not be 0.
    const auto u = static_cast<float>((rng() >> 8) + 1) * 0x1p-24F;
    const auto v = static_cast<float>(rng() >> 8) * 0x1p-24F;
    const float radius = std::sqrt(-2 * std::log(u));
    const float angle = 2 * std::numbers::pi_v<float> * v;
    values[i] = radius * std::cos(angle);
    if (i + 1 < values.size()) values[i + 1] = radius * std::sin(angle);
  }
}

std::vector<Batch> make_batches(const ScoreSettings& settings, const Problem* problem,
                                const Shape& shape, std::int64_t classes, std::int64_t count) {
  std::vector<Batch> batches;
  if (problem == nullptr) {
    for (std::int64_t i = 0; i < count; ++i) {
      batches.push_back(noise_batch(settings, shape, classes, i));
    }
    return batches;
  }
  const Recipe recipe = sample_recipe(settings, *problem, shape);
  check_data(settings, *problem, recipe, shape, classes, count);
  const BatchOptions options{.batch = settings.batch,
                             .shuffle = true,
                             .drop_last = true,
                             .augment = settings.augment,
                             .seed = settings.seed};
  const auto source =
      problem->batches(Part::kTraining, all_samples(*problem, Part::kTraining), recipe, options);
  source->start_epoch(0);
  for (std::int64_t i = 0; i < count; ++i) {
    NAS_CHECK(source->next(batches.emplace_back()), "check_data counted the samples");
  }
  return batches;
}

}  // namespace nas
