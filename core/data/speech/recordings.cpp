#include "core/data/speech/recordings.h"

#include <algorithm>
#include <numeric>

#include "core/util/content_hash.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kMostChoices = 10000;

void check_count(std::uint32_t classes, std::uint32_t count) {
  if (count >= 1 && count < classes) return;
  throw Error(ErrorKind::kUsage, std::to_string(count) + " of " + std::to_string(classes) +
                                     " speakers held out, must be in [1, " +
                                     std::to_string(classes - 1) + "]");
}

}  // namespace

void RecordingStore::add(std::span<const std::int16_t> recording, std::uint32_t label,
                         std::string name) {
  samples.insert(samples.end(), recording.begin(), recording.end());
  ends.push_back(samples.size());
  labels.push_back(label);
  names.push_back(std::move(name));
}

std::string recording_identity(std::string_view kind, const RecordingDataset& dataset) {
  const RecordingStore& store = dataset.recordings;
  const std::string digest = sha256_hex(
      std::to_string(store.sample_rate) + sha256_of(store.samples) + sha256_of(store.ends) +
      sha256_of(store.labels) + sha256_of(dataset.split.train) + sha256_of(dataset.split.test));
  return std::string(kind) + "[" + std::to_string(dataset.split.train.size()) + "+" +
         std::to_string(dataset.split.test.size()) + "]#" + digest.substr(0, 8);
}

std::vector<std::uint32_t> classes_of(const RecordingStore& store,
                                      std::span<const std::uint32_t> recordings) {
  std::vector<std::uint32_t> classes;
  for (const std::uint32_t i : recordings) classes.push_back(store.labels[i]);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

SampleSplit split_by_class(const RecordingDataset& dataset,
                           std::span<const std::uint32_t> held_out) {
  std::vector<bool> is_held_out(dataset.classes.size(), false);
  for (const std::uint32_t c : held_out) {
    if (c >= dataset.classes.size()) {
      throw Error(ErrorKind::kUsage, "speaker " + std::to_string(c) + " held out, but there are " +
                                         std::to_string(dataset.classes.size()));
    }
    is_held_out[c] = true;
  }
  SampleSplit split;
  for (std::uint32_t i = 0; i < dataset.recordings.size(); ++i) {
    (is_held_out[dataset.recordings.labels[i]] ? split.test : split.train).push_back(i);
  }
  for (const auto* part : {&split.train, &split.test}) {
    if (classes_of(dataset.recordings, *part).size() >= 2) continue;
    throw Error(ErrorKind::kUsage, std::string(part == &split.train ? "training" : "verification") +
                                       " needs at least two speakers; of " +
                                       std::to_string(dataset.classes.size()) +
                                       " the held-out ones are " + std::to_string(held_out.size()));
  }
  return split;
}

std::vector<std::vector<std::uint32_t>> held_out_choices(std::uint32_t classes,
                                                         std::uint32_t count) {
  check_count(classes, count);
  std::vector<std::vector<std::uint32_t>> choices;
  std::vector<std::uint32_t> choice(count);
  std::iota(choice.begin(), choice.end(), 0U);
  for (;;) {
    choices.push_back(choice);
    if (choices.size() > kMostChoices) {
      throw Error(ErrorKind::kUsage, "more than " + format_count(kMostChoices) +
                                         " ways to hold out " + std::to_string(count) + " of " +
                                         std::to_string(classes) +
                                         " speakers; draw some of them instead");
    }
    // The last position that can still move up; those behind it follow closely.
    std::uint32_t at = count;
    while (at > 0 && choice[at - 1] == classes - count + at - 1) --at;
    if (at == 0) return choices;
    ++choice[at - 1];
    for (; at < count; ++at) choice[at] = choice[at - 1] + 1;
  }
}

std::vector<std::uint32_t> draw_held_out(std::uint32_t classes, std::uint32_t count,
                                         std::uint64_t seed) {
  check_count(classes, count);
  std::vector<std::uint32_t> order(classes);
  std::iota(order.begin(), order.end(), 0U);
  Rng rng(RngKey{.seed = seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(order));
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace nas
