#include "core/data/speech/trials.h"

#include <doctest/doctest.h>

#include "core/util/file.h"
#include "tests/core/data/test_files.h"

using namespace nas;
using test::contains;
using test::error_text;
using test::write_bytes;

namespace {

RecordingDataset small_dataset() {
  RecordingDataset data;
  data.classes = {"id1", "id2"};
  const std::vector<std::int16_t> samples = {1, 2, 3};
  data.recordings.add(samples, 0, "train/id1/abc/00001.wav");
  data.recordings.add(samples, 0, "test/id1/abc/00002.wav");
  data.recordings.add(samples, 1, "test/id2/xyz/00001.wav");
  return data;
}

/// Reads a list of this text.
std::vector<VerificationTrial> read_list(const std::string& text) {
  const TemporaryDirectory directory;
  write_bytes(directory.path() / "trials.txt", text);
  return read_trial_list(directory.path() / "trials.txt", small_dataset());
}

std::string list_error(const std::string& text) {
  return error_text(ErrorKind::kData, [&] { read_list(text); });
}

}  // namespace

TEST_CASE("trials: all pairs of different recordings, each once") {
  const RecordingStore store = small_dataset().recordings;
  const auto trials = all_pairs(store, std::vector<std::uint32_t>{0, 1, 2});
  REQUIRE(trials.size() == 3);
  CHECK(trials[0].target);
  CHECK_FALSE(trials[1].target);
  CHECK_FALSE(trials[2].target);
  CHECK(trials[2].enrol == 1);
  CHECK(trials[2].test == 2);
  CHECK(all_pairs(store, {}).empty());
  CHECK(all_pairs(store, std::vector<std::uint32_t>{1}).empty());
  CHECK_THROWS_WITH_AS(all_pairs(store, std::vector<std::uint32_t>(10001, 0)),
                       doctest::Contains("give a trial list"), Error);
}

TEST_CASE("trials: a list as VoxCeleb's, with names below the folder or its halves") {
  const auto trials = read_list(
      "1 id1/abc/00002.wav train/id1/abc/00001.wav\n\n"
      "0\t./id1/abc/00002.wav id2/xyz/00001.wav\r\n"
      "nontarget test/id2/xyz/00001.wav id1/abc/00001.wav\n"
      "target id2/xyz/00001.wav id2/xyz/00001.wav");
  REQUIRE(trials.size() == 4);
  CHECK(trials[0].target);
  CHECK(trials[0].enrol == 1);
  CHECK(trials[0].test == 0);
  CHECK_FALSE(trials[1].target);
  CHECK(trials[1].test == 2);
  CHECK(trials[2].enrol == 2);
  CHECK(trials[2].test == 0);
  CHECK(trials[3].target);
}

TEST_CASE("trials: a recording that is missing is named with its line and the near miss") {
  const std::string good = "1 id1/abc/00002.wav id1/abc/00001.wav\n";
  CHECK(
      contains(list_error(good + "0 id1/abc/00002.wav id2/xyz/00007.wav\n"),
               "trials.txt, line 2: 'id2/xyz/00007.wav' is not among the 3 recordings of the data "
               "set; did you mean 'test/id2/xyz/00001.wav'?"));
  CHECK(contains(list_error("1 z.wav id1/abc/00001.wav\n"),
                 "line 1: 'z.wav' is not among the 3 recordings of the data set; their names are "
                 "like 'train/id1/abc/00001.wav'"));
}

TEST_CASE("trials: lines that are no trials are refused") {
  CHECK(contains(list_error("id1/abc/00002.wav id1/abc/00001.wav\n"),
                 "line 1: 2 words, expected three"));
  CHECK(contains(list_error("\n2 id1/abc/00002.wav id1/abc/00001.wav\n"),
                 "line 2: '2' is no label; 1 (target) or 0 (nontarget)"));
  CHECK(contains(list_error("0 id1/abc/00002.wav id1/abc/00001.wav\n"),
                 "line 1: the label says different speakers, but the recordings are of one "
                 "speaker, 'id1'"));
  CHECK(contains(list_error("1 id1/abc/00002.wav id2/xyz/00001.wav\n"),
                 "the label says the same speaker, but the recordings are of different speakers, "
                 "'id1' and 'id2'"));
  CHECK(contains(list_error(" \n\n"), "no trials"));
  CHECK(contains(list_error(""), "the file is empty"));
  CHECK(contains(list_error("<html></html>"), "web page"));
  CHECK(contains(
      error_text(ErrorKind::kIo, [] { read_trial_list("/nowhere/trials.txt", small_dataset()); }),
      "/nowhere/trials.txt"));
}

TEST_CASE("trials: units of the bootstrap are recordings or speakers") {
  const RecordingStore store = small_dataset().recordings;
  const std::vector<VerificationTrial> trials = {{0, 2, false}, {1, 0, true}};
  const auto recordings = recording_units(trials);
  CHECK(recordings[0].test == 2);
  CHECK(recordings[1].enrol == 1);
  const auto speakers = speaker_units(trials, store);
  CHECK(speakers[0].enrol == 0);
  CHECK(speakers[0].test == 1);
  CHECK(speakers[1].enrol == speakers[1].test);
}
