#include "core/data/speech/recordings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/core/data/test_files.h"

using namespace nas;
using test::contains;
using test::error_text;

namespace {

using Numbers = std::vector<std::uint32_t>;

/// Two recordings of each of `speakers` speakers, the second one in the test part.
RecordingDataset small_dataset(std::uint32_t speakers) {
  RecordingDataset data;
  data.recordings.sample_rate = 8000;
  for (std::uint32_t speaker = 0; speaker < speakers; ++speaker) {
    data.classes.push_back(std::string(1, static_cast<char>('a' + speaker)));
    for (auto* part : {&data.split.train, &data.split.test}) {
      part->push_back(static_cast<std::uint32_t>(data.recordings.size()));
      const std::vector<std::int16_t> samples(speaker + 1, 7);
      data.recordings.add(samples, speaker, "x");
    }
  }
  return data;
}

}  // namespace

TEST_CASE("recordings: held-out speakers are the test part, with all that they said") {
  const RecordingDataset data = small_dataset(4);
  const SampleSplit split = split_by_class(data, Numbers{1, 3});
  CHECK(split.train == Numbers{0, 1, 4, 5});
  CHECK(split.test == Numbers{2, 3, 6, 7});
  CHECK(classes_of(data.recordings, split.train) == Numbers{0, 2});
  const auto split_error = [&](const Numbers& held_out) {
    return error_text(ErrorKind::kUsage, [&] { split_by_class(data, held_out); });
  };
  CHECK(contains(split_error({4, 1}), "speaker 4 held out, but there are 4"));
  CHECK(contains(split_error({1}), "verification needs at least two speakers"));
  CHECK(contains(split_error({0, 1, 2}), "training needs at least two speakers"));
}

TEST_CASE("recordings: every choice of two of six speakers, each once") {
  const auto choices = held_out_choices(6, 2);
  CHECK(choices.size() == 15);
  CHECK(choices.front() == Numbers{0, 1});
  CHECK(choices.back() == Numbers{4, 5});
  CHECK(std::is_sorted(choices.begin(), choices.end()));
  CHECK(std::set<Numbers>(choices.begin(), choices.end()).size() == 15);
  CHECK(held_out_choices(5, 1).size() == 5);
  CHECK(held_out_choices(10, 5).size() == 252);
  const auto choice_error = [](std::uint32_t classes, std::uint32_t count) {
    return error_text(ErrorKind::kUsage, [&] { held_out_choices(classes, count); });
  };
  CHECK(contains(choice_error(6, 6), "must be in [1, 5]"));
  CHECK(contains(choice_error(6, 0), "must be in [1, 5]"));
  CHECK(contains(choice_error(5994, 40), "more than 10,000 ways to hold out 40 of 5994"));
}

TEST_CASE("recordings: drawn speakers depend on the seed alone and are drawn equally often") {
  CHECK(draw_held_out(6, 2, 3) == draw_held_out(6, 2, 3));
  std::vector<int> counts(6, 0);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const Numbers drawn = draw_held_out(6, 2, seed);
    REQUIRE(drawn.size() == 2);
    CHECK(drawn[0] < drawn[1]);
    for (const std::uint32_t speaker : drawn) ++counts[speaker];
  }
  for (const int count : counts) CHECK(std::abs(count - 200) < 55);  // five standard deviations
}

TEST_CASE("recordings: the identity sees rate, samples, lengths, labels and split") {
  const RecordingDataset data = small_dataset(2);
  const std::string id = recording_identity("speakers", data);
  CHECK(id.starts_with("speakers[2+2]#"));
  RecordingDataset other = data;
  other.recordings.sample_rate = 16000;
  CHECK(recording_identity("speakers", other) != id);
  other = data;
  other.recordings.samples[0] = 8;
  CHECK(recording_identity("speakers", other) != id);
  other = data;
  other.recordings.ends[0] = 0;
  CHECK(recording_identity("speakers", other) != id);
  other = data;
  other.recordings.labels[0] = 1;
  CHECK(recording_identity("speakers", other) != id);
  other = data;
  std::swap(other.split.train, other.split.test);
  CHECK(recording_identity("speakers", other) != id);
  other = data;
  other.recordings.names[0] = "another name";
  CHECK(recording_identity("speakers", other) == id);
}
