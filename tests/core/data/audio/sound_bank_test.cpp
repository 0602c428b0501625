#include "core/data/audio/sound_bank.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/file.h"
#include "tests/core/data/audio/wav_writer.h"
#include "tests/core/data/test_files.h"

using namespace nas;
using test::contains;
using test::encode_wav;
using test::error_text;
using test::write_bytes;

namespace {

void write_bank(const std::filesystem::path& root) {
  write_bytes(root / "noise" / "free-sound" / "a.wav", encode_wav({0.5, -0.5}));
  write_bytes(root / "music" / "a.wav", encode_wav({0.25, 0.25}));
  for (int i = 0; i < 7; ++i) {
    write_bytes(root / "speech" / (std::to_string(i) + ".wav"), encode_wav({0.125 * i}));
  }
  write_bytes(root / "rir" / "smallroom" / "a.wav", encode_wav({1, 0.5}, {.bits = 24}));
}

double root_mean_square(const std::vector<std::int16_t>& samples) {
  double squares = 0;
  for (const double sample : samples) squares += sample * sample;
  return std::sqrt(squares / static_cast<double>(samples.size()));
}

}  // namespace

TEST_CASE("sound bank: a folder of noise, music, speech and rooms") {
  const TemporaryDirectory directory;
  write_bank(directory.path());
  const auto bank = read_sound_bank(directory.path(), 8000);
  CHECK(bank->mode == "v2+");
  CHECK(bank->noise == std::vector<std::vector<std::int16_t>>{{16384, -16384}});
  CHECK(bank->music == std::vector<std::vector<std::int16_t>>{{8192, 8192}});
  CHECK(bank->speech.size() == 7);
  CHECK(bank->rooms.size() == 1);
  CHECK(bank->rooms[0][1] == 16384);
  CHECK(bank->id.starts_with("v2+[1+1+7+1]#"));
  CHECK(read_sound_bank(directory.path(), 8000)->id == bank->id);
  CHECK(read_sound_bank(directory.path(), 16000)->id != bank->id);
  CHECK(read_sound_bank(directory.path(), 16000)->noise[0].size() == 4);
}

TEST_CASE("sound bank: a missing part, too few speakers and a silent room are named") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  const auto bank_error = [&](ErrorKind kind) {
    return error_text(kind, [&] { read_sound_bank(root, 8000); });
  };
  CHECK(contains(bank_error(ErrorKind::kIo), "noise: no such directory; sounds for augmentation"));
  write_bank(root);
  write_bytes(root / "rir" / "b.wav", encode_wav({0, 0}));
  CHECK(contains(bank_error(ErrorKind::kData), "b.wav: an impulse response that is silent"));
  std::filesystem::remove(root / "speech" / "6.wav");
  CHECK(contains(bank_error(ErrorKind::kData), "speech: 6 WAV or FLAC files, at least 7 expected"));
  write_bytes(root / "music" / "a.wav", "no audio");
  std::filesystem::remove_all(root / "rir" / "smallroom");
  write_bytes(root / "speech" / "6.wav", encode_wav({0.1}));
  CHECK(contains(bank_error(ErrorKind::kData), "a.wav: neither a WAV nor a FLAC file"));
}

TEST_CASE("sound bank: generated sounds are always the same, differ, and say that they are so") {
  const auto bank = generated_sound_bank(8000);
  CHECK(bank->mode == "v2+generated");
  CHECK(generated_sound_bank(8000)->id == bank->id);
  CHECK(bank->speech.size() >= 7);
  for (const auto* sounds : {&bank->noise, &bank->music, &bank->speech}) {
    CHECK((*sounds)[0] != (*sounds)[1]);
    for (const auto& sound : *sounds) {
      CHECK(sound.size() == 4 * 8000);
      CHECK(root_mean_square(sound) > 1000);  // a few samples are cut at the end of the range
      CHECK(root_mean_square(sound) < 3001);
    }
  }
}

TEST_CASE("sound bank: generated rooms fall by 60 dB within 0.1 to 0.5 s") {
  const auto bank = generated_sound_bank(8000);
  for (const auto& room : bank->rooms) {
    CHECK(room.size() >= 800);
    CHECK(room.size() <= 4000);
    // The energy of the last quarter lies at least 40 dB below that of the first, without the
    // direct sound: 45 dB between their middles.
    const std::size_t quarter = room.size() / 4;
    double first = 0;
    double last = 0;
    for (std::size_t t = 1; t < quarter; ++t) {
      first += room[t] * room[t];
      last += room[room.size() - t] * room[room.size() - t];
    }
    CHECK(10 * std::log10(first / last) > 35);
    CHECK(room[0] * room[0] > first);
  }
}
