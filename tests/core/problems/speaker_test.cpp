#include "core/problems/speaker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/core/data/audio/wav_writer.h"
#include "tests/core/data/test_files.h"

using namespace nas;

namespace {

/// Speakers are tones of 200, 300, 400, ... Hz at 8 kHz, a second long; `each` recordings of each.
/// The last `strangers` speakers are in the test part alone, of the others every fifth recording.
std::shared_ptr<const RecordingDataset> tones(std::uint32_t speakers, std::uint32_t each,
                                              std::uint32_t strangers = 0) {
  auto data = std::make_shared<RecordingDataset>();
  data->id = "tones";
  data->recordings.sample_rate = 8000;
  for (std::uint32_t speaker = 0; speaker < speakers; ++speaker) {
    data->classes.push_back("s" + std::to_string(speaker));
    for (std::uint32_t take = 0; take < each; ++take) {
      std::vector<std::int16_t> samples;
      for (int t = 0; t < 8000; ++t) {
        const double phase = 2 * std::numbers::pi * (200.0 + 100.0 * speaker) * t / 8000;
        samples.push_back(static_cast<std::int16_t>(6000 * std::sin(phase + take)));
      }
      const auto number = static_cast<std::uint32_t>(data->recordings.size());
      data->recordings.add(samples, speaker, std::to_string(number) + ".wav");
      const bool stranger = speaker + strangers >= speakers;
      const bool test = stranger || (strangers == 0 && take % 5 == 0);
      (test ? data->split.test : data->split.train).push_back(number);
    }
  }
  return data;
}

Recipe half_seconds(OptionMap more = {}) {
  Recipe recipe;
  recipe.problem = {{"crop_seconds", "0.5"}, {"test_crops", "1"}};
  recipe.problem.merge(more);
  return recipe;
}

Batch first_batch(const Problem& problem, Part part, const Recipe& recipe,
                  const BatchOptions& options) {
  const auto source = problem.batches(part, all_samples(problem, part), recipe, options);
  source->start_epoch(0);
  Batch batch;
  REQUIRE(source->next(batch));
  return batch;
}

}  // namespace

TEST_CASE("speaker: a piece of half a second at 8 kHz is 40 channels of 51 frames") {
  const auto problem = pose_speakers(tones(4, 10));
  const Task posed = problem->poses(half_seconds());
  CHECK(posed.input == Shape{40, 51});
  CHECK(posed.classes == 0);
  CHECK(problem->data().samples(Part::kTraining) == 32);
  CHECK(problem->data().samples(Part::kTest) == 8);
  const Batch batch = first_batch(*problem, Part::kTest, half_seconds(), {.batch = 3});
  CHECK(batch.inputs.size() == 3 * 40 * 51);
  CHECK(batch.samples == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(batch.labels == std::vector<std::int64_t>{0, 0, 1});
}

TEST_CASE("speaker: a recording is judged by several pieces and trained on by one") {
  const auto problem = pose_speakers(tones(4, 10));
  Recipe recipe = half_seconds();
  recipe.problem["test_crops"] = "3";
  const Batch judged = first_batch(*problem, Part::kTest, recipe, {.batch = 2});
  CHECK(judged.samples == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1});
  CHECK(judged.inputs.size() == 6 * 40 * 51);
  const Batch trained =
      first_batch(*problem, Part::kTraining, recipe, {.batch = 2, .augment = true});
  CHECK(trained.samples == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("speaker: training pieces depend on seed, epoch and recording alone") {
  const auto problem = pose_speakers(tones(4, 10));
  for (const char* augmentation : {"none", "v2+"}) {
    CAPTURE(augmentation);
    const Recipe recipe = half_seconds({{"augmentation", augmentation}, {"spec_augment", "true"}});
    const BatchOptions options{.batch = 8, .augment = true, .seed = 4};
    BatchOptions threads = options;
    threads.threads = 3;
    const auto inputs = first_batch(*problem, Part::kTraining, recipe, options).inputs;
    CHECK(first_batch(*problem, Part::kTraining, recipe, threads).inputs == inputs);
    threads.seed = 5;
    CHECK(first_batch(*problem, Part::kTraining, recipe, threads).inputs != inputs);
  }
}

TEST_CASE("speaker: speakers or recordings are held out") {
  const auto problem = pose_speakers(tones(6, 10));
  const std::vector<std::uint16_t>& labels = problem->data().labels_of(Part::kTraining);
  const auto speakers = [&](const std::vector<std::uint32_t>& samples) {
    std::set<std::uint16_t> found;
    for (const std::uint32_t sample : samples) found.insert(labels[sample]);
    return found;
  };
  Recipe recipe = half_seconds();
  recipe.validation_fraction = 0.3;
  const TrainSplit strangers = problem->split(recipe);
  CHECK(speakers(strangers.validation).size() == 2);
  CHECK(speakers(strangers.train).size() == 4);
  CHECK(strangers.train.size() + strangers.validation.size() == labels.size());
  recipe.train_samples = 8;
  CHECK(problem->split(recipe).train.size() == 8);
  CHECK(speakers(problem->split(recipe).train) == speakers(strangers.train));
  recipe.problem["held_out"] = "recordings";
  CHECK(speakers(problem->split(recipe).validation).size() == 6);
  recipe.validation_fraction = 0;
  recipe.train_samples = 0;
  CHECK(problem->split(recipe).train.size() == labels.size());
}

TEST_CASE("speaker: trained speakers are numbered from 0, strangers after them") {
  auto data = std::make_shared<RecordingDataset>(*tones(4, 4, 2));
  // The strangers are the first two: their names come first, their numbers last.
  for (std::uint32_t& label : data->recordings.labels) label = 3 - label;
  const auto problem = pose_speakers(data);
  CHECK(problem->data().classes == std::vector<std::string>{"s2", "s3", "s0", "s1"});
  const auto highest = [&](Part part) {
    const auto& labels = problem->data().labels_of(part);
    return *std::max_element(labels.begin(), labels.end());
  };
  CHECK(highest(Part::kTraining) == 1);
  CHECK(highest(Part::kTest) == 3);
}

TEST_CASE("speaker: what cannot be is refused with what to do") {
  const auto few = pose_speakers(tones(3, 5));
  Recipe recipe = half_seconds();
  recipe.validation_fraction = 0.5;
  CHECK_THROWS_WITH_AS(few->split(recipe), doctest::Contains("use held_out = recordings"), Error);
  recipe.problem["crop_seconds"] = "0.01";
  CHECK_THROWS_WITH_AS(few->poses(recipe), doctest::Contains("crop_seconds = 0.01"), Error);
  recipe.problem["crop_second"] = "1";
  CHECK_THROWS_WITH_AS(few->poses(recipe), doctest::Contains("did you mean 'crop_seconds'"), Error);
  // Recording 1 is trained on.
  CHECK_THROWS_WITH_AS(pose_speakers(tones(3, 5), {{0, 1, true}}),
                       doctest::Contains("'1.wav', which is a training recording"), Error);
}

TEST_CASE("speaker: a trial list is part of the data's identity") {
  const std::string plain = pose_speakers(tones(3, 5))->data().id;
  const std::string listed = pose_speakers(tones(3, 5), {{0, 5, false}, {5, 10, false}})->data().id;
  CHECK(plain == "tones");
  CHECK(listed.starts_with("tones+trials#"));
  CHECK(pose_speakers(tones(3, 5), {{0, 5, false}})->data().id != listed);
}

TEST_CASE("speaker: names behind an @ are speakers whom training does not hear") {
  const TemporaryDirectory directory;
  const std::filesystem::path folder = directory.path() / "speakers@home";
  for (const std::string speaker : {"ann", "bob", "cid", "dora"}) {
    for (const std::string take : {"0.wav", "1.wav"}) {
      test::write_bytes(folder / speaker / take,
                        test::encode_wav({0.25, 0.5}, {.sample_rate = 8000}));
    }
  }
  const std::string spec = "speakers:" + folder.string();
  const auto known = open_problem(spec);
  const auto strangers = open_problem(spec + "@ann+dora");
  CHECK(strangers->data().samples(Part::kTest) == 4);
  CHECK(strangers->data().classes == std::vector<std::string>{"bob", "cid", "ann", "dora"});
  CHECK(strangers->data().id != known->data().id);
  CHECK(known->data().source == spec +
                                    " (no test/ in it: a fifth of each speaker is the test part, "
                                    "seed 0)");
  CHECK(strangers->data().source == spec + " (unseen: ann, dora)");
  CHECK_THROWS_WITH_AS(open_problem(spec + "@ann+dorra"), doctest::Contains("did you mean 'dora'"),
                       Error);
  CHECK_THROWS_WITH_AS(open_problem(spec + "@ann"), doctest::Contains("at least two speakers"),
                       Error);
}
