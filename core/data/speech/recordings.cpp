#include "core/data/speech/recordings.h"

#include <algorithm>
#include <numeric>

#include "core/util/content_hash.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas {
namespace {

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

RecordingDataset with_unseen(RecordingDataset dataset, std::span<const std::string> speakers) {
  const std::vector<std::string>& known = dataset.classes;
  std::vector<bool> is_unseen(known.size(), false);
  for (const std::string& speaker : speakers) {
    const auto at = std::find(known.begin(), known.end(), speaker);
    if (at == known.end()) {
      throw Error(ErrorKind::kUsage, unknown_name("speaker", speaker, known));
    }
    const auto position = static_cast<std::size_t>(at - known.begin());
    if (is_unseen[position]) {
      throw Error(ErrorKind::kUsage, "speaker '" + printable(speaker) + "' is named twice");
    }
    is_unseen[position] = true;
  }
  SampleSplit split;
  for (std::uint32_t i = 0; i < dataset.recordings.size(); ++i) {
    (is_unseen[dataset.recordings.labels[i]] ? split.test : split.train).push_back(i);
  }
  for (const auto* part : {&split.train, &split.test}) {
    if (classes_of(dataset.recordings, *part).size() >= 2) continue;
    throw Error(ErrorKind::kUsage, std::string(part == &split.train ? "training" : "verification") +
                                       " needs at least two speakers; " +
                                       std::to_string(speakers.size()) + " of " +
                                       std::to_string(known.size()) +
                                       (speakers.size() == 1 ? " is" : " are") + " to be unseen");
  }
  dataset.split = std::move(split);
  dataset.id = recording_identity(dataset.id.substr(0, dataset.id.find('[')), dataset);
  dataset.note = "unseen: " + join(speakers, ", ");
  return dataset;
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
