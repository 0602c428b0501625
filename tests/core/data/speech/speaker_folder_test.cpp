#include <doctest/doctest.h>

#include <set>

#include "core/data/speech/recordings.h"
#include "core/util/file.h"
#include "tests/core/data/audio/wav_writer.h"
#include "tests/core/data/test_files.h"

using namespace nas;
using test::contains;
using test::encode_wav;
using test::error_text;
using test::write_bytes;

namespace {

namespace fs = std::filesystem;

/// A recording of two samples, told apart by `value`.
void write_recording(const fs::path& path, int value, int sample_rate = 8000) {
  write_bytes(path, encode_wav({value / 32768.0, 0}, {.sample_rate = sample_rate}));
}

/// `recordings` recordings of each speaker, directly in their folders.
void write_speakers(const fs::path& root, const std::vector<std::string>& speakers,
                    int recordings) {
  for (const std::string& speaker : speakers) {
    for (int i = 0; i < recordings; ++i) {
      write_recording(root / speaker / (std::to_string(i) + ".wav"), 100 + i);
    }
  }
}

std::string load_error(ErrorKind kind, const fs::path& root) {
  return error_text(kind, [&] { load_speaker_folder(root); });
}

std::size_t recordings_of(const RecordingDataset& data, const std::vector<std::uint32_t>& part,
                          std::uint32_t speaker) {
  std::size_t count = 0;
  for (const std::uint32_t i : part) count += data.recordings.labels[i] == speaker ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("speakers: train and test folders become two parts of one store") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  write_recording(root / "train" / "eve" / "1.wav", 1);
  write_recording(root / "train" / "bob" / "s1" / "1.wav", 2);
  write_recording(root / "train" / "bob" / "s2" / "1.wav", 3);
  write_recording(root / "test" / "bob" / "s3" / "1.wav", 4);
  write_recording(root / "test" / "bob" / "s3" / "2.wav", 5);
  write_recording(root / "test" / "eve" / "1.wav", 6);
  const auto data = load_speaker_folder(root);
  CHECK(data->classes == std::vector<std::string>{"bob", "eve"});
  CHECK(data->recordings.sample_rate == 8000);
  CHECK(data->recordings.names ==
        std::vector<std::string>{"train/bob/s1/1.wav", "train/bob/s2/1.wav", "train/eve/1.wav",
                                 "test/bob/s3/1.wav", "test/bob/s3/2.wav", "test/eve/1.wav"});
  CHECK(data->recordings.labels == std::vector<std::uint32_t>{0, 0, 1, 0, 0, 1});
  CHECK(data->split.train == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(data->split.test == std::vector<std::uint32_t>{3, 4, 5});
  CHECK(data->recordings.recording(0)[0] == 2);
  CHECK(data->recordings.recording(5)[0] == 6);
  CHECK(data->recordings.recording(5).size() == 2);
  CHECK(data->id.starts_with("speakers[3+3]#"));
}

TEST_CASE("speakers: test speakers may all be unknown") {
  const TemporaryDirectory directory;
  write_speakers(directory.path() / "train", {"a", "b"}, 1);
  write_speakers(directory.path() / "test", {"c", "d"}, 2);
  const auto data = load_speaker_folder(directory.path());
  CHECK(data->classes == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(classes_of(data->recordings, data->split.train) == std::vector<std::uint32_t>{0, 1});
  CHECK(classes_of(data->recordings, data->split.test) == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("speakers: without halves a fifth of each speaker is the test part, always the same") {
  const TemporaryDirectory directory;
  write_speakers(directory.path(), {"a", "b"}, 10);
  write_speakers(directory.path(), {"c"}, 2);
  const auto data = load_speaker_folder(directory.path());
  for (const std::uint32_t speaker : {0U, 1U}) {
    CHECK(recordings_of(*data, data->split.train, speaker) == 8);
    CHECK(recordings_of(*data, data->split.test, speaker) == 2);
  }
  CHECK(recordings_of(*data, data->split.test, 2) == 1);
  CHECK(load_speaker_folder(directory.path())->split.test == data->split.test);
  CHECK(contains(data->note, "a fifth of each speaker"));
}

TEST_CASE("speakers: a session is never cut in two") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  for (const char* speaker : {"a", "b"}) {
    for (const char* session : {"s1", "s2", "s3", "s4", "s5"}) {
      for (const char* name : {"1.wav", "2.wav", "3.wav"}) {
        write_recording(root / speaker / session / name, 1);
      }
    }
  }
  const auto data = load_speaker_folder(root);
  CHECK(data->split.test.size() == 6);
  std::set<std::string> sessions;
  for (const std::uint32_t i : data->split.test) {
    sessions.insert(fs::path(data->recordings.names[i]).parent_path().string());
  }
  CHECK(sessions.size() == 2);  // one of each speaker, three recordings
}

TEST_CASE("speakers: the identity is that of the content, wherever it lies") {
  const TemporaryDirectory one;
  const TemporaryDirectory other;
  write_speakers(one.path(), {"a", "b"}, 3);
  write_speakers(other.path(), {"a", "b"}, 3);
  const std::string id = load_speaker_folder(one.path())->id;
  CHECK(load_speaker_folder(other.path())->id == id);
  write_recording(other.path() / "b" / "2.wav", 999);
  CHECK(load_speaker_folder(other.path())->id != id);
}

TEST_CASE("speakers: recordings have one rate or are resampled to one") {
  const TemporaryDirectory directory;
  write_speakers(directory.path(), {"a", "b"}, 2);
  write_recording(directory.path() / "b" / "9.wav", 1, 16000);
  const std::string text = load_error(ErrorKind::kData, directory.path());
  CHECK(contains(text, "9.wav: 16000 Hz, but"));
  CHECK(contains(text, "0.wav has 8000 Hz; all recordings must have one rate"));
  const auto data = load_speaker_folder(directory.path(), 16000);
  CHECK(data->recordings.sample_rate == 16000);
  CHECK(data->recordings.recording(0).size() == 4);
  CHECK(data->recordings.recording(4).size() == 2);
}

TEST_CASE("speakers: a folder that is none says what is wrong and what it should be") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  CHECK(contains(load_error(ErrorKind::kIo, root / "none"),
                 "none: no such directory; speakers:DIR needs DIR/SPEAKER/*.wav"));
  CHECK(contains(load_error(ErrorKind::kData, root), "no folder of a speaker in it"));
  write_recording(root / "1.wav", 1);
  CHECK(contains(load_error(ErrorKind::kData, root), "the recordings lie side by side"));
  fs::remove(root / "1.wav");
  fs::create_directory(root / "a");
  CHECK(contains(load_error(ErrorKind::kData, root), "a: no .wav or .flac file in it; remove"));
  write_bytes(root / "a" / "1.m4a", "x");
  CHECK(contains(load_error(ErrorKind::kData, root), "its 1 .m4a files are not read"));
  write_speakers(root, {"a"}, 3);
  CHECK(contains(load_error(ErrorKind::kData, root), "one speaker, at least two expected"));
  write_speakers(root, {"b"}, 1);
  CHECK(contains(load_error(ErrorKind::kData, root),
                 "b: one recording, at least two expected, one to train on and one to verify"));
}

TEST_CASE("speakers: halves that do not fit each other are refused") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  write_speakers(root / "train", {"a", "b", "c"}, 2);
  CHECK(contains(load_error(ErrorKind::kIo, root), "the directory 'test' is missing"));
  write_speakers(root / "test", {"a", "x", "y", "z", "w"}, 2);
  CHECK(contains(load_error(ErrorKind::kData, root),
                 "w, x, y and 1 more in test/ only, but a in both halves; either every test "
                 "speaker has recordings in train/, or none"));
  fs::remove_all(root / "test");
  write_speakers(root / "test", {"a"}, 2);
  CHECK(contains(load_error(ErrorKind::kData, root), "at least two speakers expected"));
  fs::remove_all(root / "test");
  write_speakers(root / "test", {"a", "b"}, 1);
  CHECK(contains(load_error(ErrorKind::kData, root), "no speaker has two recordings in test/"));
  fs::remove_all(root / "train");
  CHECK(contains(load_error(ErrorKind::kIo, root), "the directory 'train' is missing"));
}

TEST_CASE("speakers: a damaged recording is named") {
  const TemporaryDirectory directory;
  write_speakers(directory.path(), {"a", "b"}, 2);
  write_bytes(directory.path() / "b" / "1.wav", encode_wav({0.5, 0.5}).substr(0, 46));
  CHECK(contains(load_error(ErrorKind::kData, directory.path()),
                 "1.wav: 4 bytes of samples announced, got 2: the file is truncated"));
}

TEST_CASE("speakers: folders may be links") {
  const TemporaryDirectory directory;
  const TemporaryDirectory elsewhere;
  write_speakers(elsewhere.path(), {"a", "b"}, 2);
  for (const char* speaker : {"a", "b"}) {
    fs::create_directory_symlink(elsewhere.path() / speaker, directory.path() / speaker);
  }
  const auto data = load_speaker_folder(directory.path());
  CHECK(data->recordings.names[0] == "a/0.wav");
  CHECK(data->id == load_speaker_folder(elsewhere.path())->id);
}
