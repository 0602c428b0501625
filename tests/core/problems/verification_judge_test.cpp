#include "core/problems/verification_judge.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace nas;

namespace {

/// Six recordings of three speakers; what they sound like does not matter here.
RecordingStore six() {
  RecordingStore store;
  store.sample_rate = 8000;
  const std::int16_t sample[] = {0};
  for (std::uint32_t i = 0; i < 6; ++i) store.add(sample, i / 2, std::to_string(i) + ".wav");
  return store;
}

std::map<std::string, double> values_of(const Judge& judge) {
  std::map<std::string, double> values;
  for (const NamedValue& value : judge.values()) values[value.name] = value.value;
  return values;
}

/// Embeddings in the plane, one for each recording.
constexpr float kRows[] = {1, 0, 1, 0.1F, 0, 1, 0.1F, 1, -1, 0, -1, 0.1F};
constexpr std::uint32_t kAll[] = {0, 1, 2, 3, 4, 5};

}  // namespace

TEST_CASE("verification judge: every pair is a trial, and clean embeddings make no errors") {
  const RecordingStore store = six();
  const auto judge = judge_verification({.store = store, .recordings = {0, 1, 2, 3, 4, 5}});
  judge->add(kAll, kRows);
  const std::vector<NamedValue> values = judge->values();
  CHECK(values[0].name == "eer");
  CHECK(values[0].value == doctest::Approx(0));
  CHECK(values[1].name == "min_dcf");
  CHECK(values[1].value == doctest::Approx(0));
  CHECK(values_of(*judge).at("trials") == 15);
}

TEST_CASE("verification judge: a trial list is followed, whatever the order of the samples") {
  const RecordingStore store = six();
  // Sample i is recording 5 - i. One target is far apart, one non-target close: both ways wrong.
  const auto judge =
      judge_verification({.store = store,
                          .recordings = {5, 4, 3, 2, 1, 0},
                          .trials = {{0, 1, true}, {2, 4, true}, {0, 2, false}, {0, 1, false}}});
  const std::uint32_t order[] = {5, 4, 3, 2, 1, 0};  // recordings 0 to 5
  judge->add(order, kRows);
  const auto values = values_of(*judge);
  CHECK(values.at("trials") == 4);
  CHECK(values.at("eer") == doctest::Approx(50));
}

TEST_CASE("verification judge: pieces of a recording are taken together") {
  const RecordingStore store = six();
  const auto judge = judge_verification({.store = store, .recordings = {0, 1, 2, 3}});
  // Two pieces each: one of the recordings 0 and 2 alone would be mistaken.
  const std::uint32_t twice[] = {0, 0, 1, 1, 2, 2, 3, 3};
  const float rows[] = {1, 0, 0.8F, 0.6F, 1, 0.1F, 1, 0, 0, 1, 0.6F, 0.8F, 0, 1, 0.1F, 1};
  judge->add(twice, rows);
  CHECK(values_of(*judge).at("eer") == doctest::Approx(0));
}

TEST_CASE("verification judge: a cohort normalises scores, and class scores count hits") {
  const RecordingStore store = six();
  const auto judge = judge_verification(
      {.store = store, .recordings = {0, 1, 2, 3, 4, 5}, .cohort = {0, 1, 2}, .interval = true});
  CHECK(judge->references() == std::vector<std::uint32_t>{0, 1, 2});
  const std::uint32_t cohort[] = {0, 1, 2};
  const float others[] = {1, 1, -1, 1, 0.3F, -1};
  judge->add_references(cohort, others);
  judge->add(kAll, kRows);
  const float scores[] = {9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 9, 9, 0, 0};  // the last: wrong
  judge->add_class_scores(kAll, scores);
  const auto values = values_of(*judge);
  CHECK(values.at("eer_as_norm") == doctest::Approx(0));
  CHECK(values.contains("min_dcf_as_norm"));
  CHECK(values.at("eer_low") <= values.at("eer"));
  CHECK(values.at("eer_high") >= values.at("eer"));
  CHECK(values.at("accuracy") == doctest::Approx(100.0 * 5 / 6));
}

TEST_CASE("verification judge: speakers that the loss does not know have no accuracy") {
  const RecordingStore store = six();
  const auto judge = judge_verification({.store = store, .recordings = {0, 1, 2, 3, 4, 5}});
  judge->add(kAll, kRows);
  const float scores[12] = {};
  judge->add_class_scores(kAll, scores);  // of two classes
  CHECK_FALSE(values_of(*judge).contains("accuracy"));
}
