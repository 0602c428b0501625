#include "core/problems/sequence_class.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

/// Four sequences of two features: frame t of sequence i is (10 i + t, 5). 3, 4, 2 and 6 frames;
/// the last is the test.
std::shared_ptr<const SequenceDataset> four() {
  auto data = std::make_shared<SequenceDataset>();
  data->id = "four";
  data->classes = {"a", "b"};
  data->features = {"x", "y"};
  std::size_t end = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t frames[] = {3, 4, 2, 6};
    for (std::size_t t = 0; t < frames[i]; ++t) {
      data->values.push_back(static_cast<float>(10 * i + t));
      data->values.push_back(5);
    }
    data->ends.push_back(end += frames[i]);
    data->labels.push_back(static_cast<std::uint32_t>(i % 2));
  }
  data->split = {{0, 1, 2}, {3}};
  return data;
}

std::vector<float> inputs_of(const Problem& problem, Part part, const Recipe& recipe,
                             const BatchOptions& options = {}) {
  const auto source = problem.batches(part, all_samples(problem, part), recipe, options);
  source->start_epoch(0);
  Batch batch;
  REQUIRE(source->next(batch));
  return batch.inputs;
}

}  // namespace

TEST_CASE("sequences: short ones repeat, long ones are cut in the middle, features are scaled") {
  const auto problem = pose_sequences(four());
  CHECK(problem->poses({}).input == Shape{2, 4});  // the longest one to train on
  CHECK(problem->poses({}).classes == 2);
  // Of 0 1 2, 10 11 12 13, 20 21.
  const double mean = 90.0 / 9;
  const double variance = (0 + 1 + 4 + 100 + 121 + 144 + 169 + 400 + 441) / 9.0 - mean * mean;
  const auto scaled = [&](double x) { return (x - mean) / std::sqrt(variance); };
  const std::vector<float> inputs = inputs_of(*problem, Part::kTraining, {});
  const double expected[3][4] = {{0, 1, 2, 0}, {10, 11, 12, 13}, {20, 21, 20, 21}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t t = 0; t < 4; ++t) {
      CHECK(inputs[i * 8 + t] == doctest::Approx(scaled(expected[i][t])));
      CHECK(inputs[i * 8 + 4 + t] == 0);  // a constant feature
    }
  }
  const std::vector<float> cut = inputs_of(*problem, Part::kTest, {});
  CHECK(cut[0] == doctest::Approx(scaled(31)));  // frames 1 to 4 of 6
  CHECK(cut[3] == doctest::Approx(scaled(34)));
}

TEST_CASE("sequences: training starts anywhere in a sequence that is too long") {
  const auto problem = pose_sequences(four());
  Recipe recipe;
  recipe.problem = {{"frames", "2"}};
  CHECK(problem->poses(recipe).input == Shape{2, 2});
  bool moved = false;
  const std::vector<float> middle = inputs_of(*problem, Part::kTraining, recipe);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    moved = moved ||
            inputs_of(*problem, Part::kTraining, recipe, {.augment = true, .seed = seed}) != middle;
  }
  CHECK(moved);
  recipe.problem = {{"frames", "-1"}};
  CHECK_THROWS_AS(problem->poses(recipe), Error);
}

TEST_CASE("acceptance: Japanese Vowels has nine speakers, twelve features and 29 frames at most") {
  const auto directory = test::test_data("set-japanese-vowels");
  if (directory.empty()) return;
  const auto problem = open_problem("sequences:" + directory.string());
  CHECK(problem->poses({}).classes == 9);
  CHECK(problem->poses({}).input[0] == 12);
  CHECK(problem->data().samples(Part::kTraining) == 270);
  CHECK(problem->data().samples(Part::kTest) == 370);
}
