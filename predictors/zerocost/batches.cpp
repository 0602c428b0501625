#include "predictors/zerocost/batches.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "core/util/error.h"

namespace nas {
namespace {

Batch noise_batch(const ScoreSettings& settings, const Shape& shape, std::int64_t classes,
                  std::int64_t number) {
  Rng rng({.seed = settings.seed,
           .trial = static_cast<std::uint64_t>(number),
           .purpose = Purpose::kProxy});
  Batch batch;
  batch.images.resize(static_cast<std::size_t>(settings.batch * shape.elements()));
  fill_normal(batch.images, rng);
  for (std::int64_t i = 0; i < settings.batch; ++i) {
    batch.labels.push_back(
        static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(classes))));
  }
  return batch;
}

void check_data(const ScoreSettings& settings, const ImageDataset& data, const Shape& shape,
                std::int64_t classes, std::int64_t count) {
  if (data.train.shape != shape) {
    throw Error(ErrorKind::kUsage, "the network takes images of " + to_string(shape) +
                                       ", data set '" + data.id + "' has " +
                                       to_string(data.train.shape) +
                                       ": build it for that size, or score on noise");
  }
  if (static_cast<std::int64_t>(data.classes.size()) > classes) {
    throw Error(ErrorKind::kUsage, "the network has " + std::to_string(classes) +
                                       " outputs, data set '" + data.id + "' has " +
                                       std::to_string(data.classes.size()) + " classes");
  }
  const auto images = static_cast<std::int64_t>(data.train.size());
  if (settings.batch * count > images) {
    throw Error(ErrorKind::kUsage, std::to_string(count) + " batches of " +
                                       std::to_string(settings.batch) + " asked for, data set '" +
                                       data.id + "' has " + std::to_string(images) + " images");
  }
}

/// From the data set's mean and deviation to mean 0.5, deviation 0.5.
void renormalise(Batch& batch, const ImageDataset& data) {
  const auto plane = static_cast<std::size_t>(data.train.shape[1] * data.train.shape[2]);
  const std::size_t channels = data.mean.size();
  for (std::size_t i = 0; i < batch.images.size(); ++i) {
    const std::size_t c = i / plane % channels;
    const float value = batch.images[i] * data.deviation[c] + data.mean[c];
    batch.images[i] = (value - 0.5F) / 0.5F;
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

std::vector<Batch> make_batches(const ScoreSettings& settings,
                                const std::shared_ptr<const ImageDataset>& data, const Shape& shape,
                                std::int64_t classes, std::int64_t count) {
  std::vector<Batch> batches;
  if (data == nullptr) {
    for (std::int64_t i = 0; i < count; ++i) {
      batches.push_back(noise_batch(settings, shape, classes, i));
    }
    return batches;
  }
  check_data(settings, *data, shape, classes, count);
  std::vector<std::uint32_t> indices(data->train.size());
  std::iota(indices.begin(), indices.end(), 0U);
  LoaderOptions options{.batch = settings.batch, .shuffle = true, .drop_last = true};
  options.seed = settings.seed;
  if (settings.augment) {
    options.augmentation = {.crop_padding = std::min(shape[1], shape[2]) <= 16 ? 2 : 4,
                            .flip = true};
  }
  BatchLoader loader(data, data->train, std::move(indices), options);
  loader.start_epoch(0);
  for (std::int64_t i = 0; i < count; ++i) {
    NAS_CHECK(loader.next(batches.emplace_back()), "check_data counted the images");
    if (settings.normalisation == "half") renormalise(batches.back(), *data);
  }
  return batches;
}

}  // namespace nas
