#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/data/split.h"
#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {
namespace {

using Counts = std::vector<std::size_t>;

/// Shares `total` out in proportion to `counts` (largest remainder; ties go to the lower class).
/// Requires total <= sum of counts; then no share exceeds its count.
Counts apportion(std::size_t total, const Counts& counts) {
  const std::size_t sum = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  Counts shares(counts.size(), 0);
  if (sum == 0) return shares;
  Counts remainders(counts.size());
  std::size_t given = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    shares[c] = counts[c] * total / sum;
    remainders[c] = counts[c] * total % sum;
    given += shares[c];
  }
  Counts order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; given < total; ++i, ++given) ++shares[order[i]];
  return shares;
}

/// The sample numbers of each class, in an order drawn from (seed, class).
std::vector<std::vector<std::uint32_t>> shuffled_classes(std::span<const std::uint16_t> labels,
                                                         std::uint64_t seed) {
  std::vector<std::vector<std::uint32_t>> classes;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes.size()) classes.resize(std::size_t{labels[i]} + 1);
    classes[labels[i]].push_back(static_cast<std::uint32_t>(i));
  }
  const Rng rng(RngKey{.seed = seed, .purpose = Purpose::kSplit});
  for (std::size_t c = 0; c < classes.size(); ++c) {
    Rng stream = rng.stream(c);
    stream.shuffle(std::span(classes[c]));
  }
  return classes;
}

std::size_t limited(std::size_t available, std::int64_t limit) {
  return limit == 0 ? available : std::min(available, static_cast<std::size_t>(limit));
}

void check_arguments(std::size_t samples, double fraction, std::int64_t train_samples,
                     std::int64_t validation_samples) {
  if (!(fraction >= 0 && fraction < 1)) {
    throw Error(ErrorKind::kUsage,
                "validation_fraction = " + std::to_string(fraction) + ", must be in [0, 1)");
  }
  if (train_samples < 0 || validation_samples < 0) {
    throw Error(ErrorKind::kUsage, "train_samples and validation_samples must not be negative");
  }
  const std::size_t least = fraction > 0 ? 2 : 1;
  if (samples < least) {
    throw Error(ErrorKind::kData, "the training set has " + std::to_string(samples) +
                                      " samples, too few to split off a validation set");
  }
}

}  // namespace

TrainSplit split_training_set(std::span<const std::uint16_t> labels, double validation_fraction,
                              std::int64_t train_samples, std::int64_t validation_samples,
                              std::uint64_t seed) {
  check_arguments(labels.size(), validation_fraction, train_samples, validation_samples);
  const auto classes = shuffled_classes(labels, seed);
  Counts sizes;
  for (const auto& samples : classes) sizes.push_back(samples.size());

  std::size_t held_out = 0;
  if (validation_fraction > 0) {
    const double exact = validation_fraction * static_cast<double>(labels.size());
    held_out =
        std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(exact)), 1, labels.size() - 1);
  }
  // The border between the two parts depends on the fraction alone; limits only shorten each part,
  // so that no sample ever changes sides when a limit does.
  const Counts border = apportion(held_out, sizes);
  Counts rest(sizes.size());
  for (std::size_t c = 0; c < sizes.size(); ++c) rest[c] = sizes[c] - border[c];
  const Counts validation = apportion(limited(held_out, validation_samples), border);
  const Counts training = apportion(limited(labels.size() - held_out, train_samples), rest);

  TrainSplit result;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::span samples(classes[c]);
    const auto held = samples.first(validation[c]);
    const auto used = samples.subspan(border[c], training[c]);
    result.validation.insert(result.validation.end(), held.begin(), held.end());
    result.train.insert(result.train.end(), used.begin(), used.end());
  }
  std::sort(result.validation.begin(), result.validation.end());
  std::sort(result.train.begin(), result.train.end());
  return result;
}

}  // namespace nas
