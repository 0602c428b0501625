#include "core/data/speech/recordings.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/core/data/test_files.h"

using namespace nas;
using test::contains;
using test::error_text;

namespace {

using Numbers = std::vector<std::uint32_t>;
using Names = std::vector<std::string>;

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

TEST_CASE("recordings: unseen speakers are the test part, with all that they said") {
  RecordingDataset data = small_dataset(4);
  data.id = recording_identity("speakers", data);
  data.note = "a fifth of each speaker is the test part";
  const RecordingDataset changed = with_unseen(data, Names{"d", "b"});
  CHECK(changed.split.train == Numbers{0, 1, 4, 5});
  CHECK(changed.split.test == Numbers{2, 3, 6, 7});
  CHECK(classes_of(changed.recordings, changed.split.train) == Numbers{0, 2});
  CHECK(changed.id != data.id);
  CHECK(changed.id == recording_identity("speakers", changed));
  CHECK(changed.note == "unseen: d, b");
  const auto unseen_error = [&](const Names& unseen) {
    return error_text(ErrorKind::kUsage, [&] { with_unseen(data, unseen); });
  };
  CHECK(contains(unseen_error({"e", "b"}), "unknown speaker 'e'"));
  CHECK(contains(unseen_error({"b", "b"}), "'b' is named twice"));
  CHECK(contains(unseen_error({"b"}),
                 "verification needs at least two speakers; 1 of 4 is to be unseen"));
  CHECK(contains(unseen_error({"a", "b", "c"}), "training needs at least two speakers"));
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
