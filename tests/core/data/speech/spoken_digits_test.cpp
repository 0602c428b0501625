#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "core/data/audio/crop.h"
#include "core/data/audio/mel.h"
#include "core/data/speech/recordings.h"
#include "core/data/speech/trials.h"
#include "core/util/file.h"
#include "core/util/verification.h"
#include "tests/core/data/test_files.h"
#include "tests/test_data.h"

using namespace nas;
using test::contains;
using test::error_text;
using test::write_bytes;

namespace {

const std::string kHeading = "file,digit,speaker,take,offset_samples,n_samples\n";
const std::string kRows =
    "0_eve_0.wav,0,eve,0,0,2\n"
    "9_bob_5.wav,9,bob,5,2,1\n";
const std::string kPcm = {"\x01\x00\xff\xff\x00\x80", 6};  // 1, -1, -32768

std::string load_error(ErrorKind kind, const std::string& index, const std::string& pcm) {
  const TemporaryDirectory directory;
  write_bytes(directory.path() / "index.csv", index);
  write_bytes(directory.path() / "fsdd_8k_int16le.pcm", pcm);
  return error_text(kind,
                    [&] { load_spoken_digits(directory.path(), SpokenDigitClass::kSpeaker); });
}

}  // namespace

TEST_CASE("spoken digits: one file of samples and its index, by speaker and by digit") {
  const TemporaryDirectory directory;
  write_bytes(directory.path() / "index.csv", kHeading + kRows);
  write_bytes(directory.path() / "fsdd_8k_int16le.pcm", kPcm);
  const auto data = load_spoken_digits(directory.path(), SpokenDigitClass::kSpeaker);
  CHECK(data->classes == std::vector<std::string>{"bob", "eve"});
  CHECK(data->recordings.sample_rate == 8000);
  CHECK(data->recordings.samples == std::vector<std::int16_t>{1, -1, -32768});
  CHECK(data->recordings.labels == std::vector<std::uint32_t>{1, 0});
  CHECK(data->recordings.names[1] == "9_bob_5.wav");
  CHECK(data->split.test == std::vector<std::uint32_t>{0});
  CHECK(data->split.train == std::vector<std::uint32_t>{1});
  CHECK(data->id.starts_with("fsdd[1+1]#"));
  const auto digits = load_spoken_digits(directory.path(), SpokenDigitClass::kDigit);
  CHECK(digits->classes == std::vector<std::string>{"0", "9"});
  CHECK(digits->recordings.labels == std::vector<std::uint32_t>{0, 1});
  CHECK(digits->id.starts_with("fsdd-digits[1+1]#"));
  CHECK(digits->source == "fsdd_digits:" + directory.path().string());
}

TEST_CASE("spoken digits: index and samples that disagree are refused, with the line") {
  const auto data_error = [](const std::string& index, const std::string& pcm) {
    return load_error(ErrorKind::kData, index, pcm);
  };
  CHECK(contains(data_error(kHeading + kRows, kPcm.substr(0, 5)), "is truncated"));
  CHECK(contains(data_error(kHeading + kRows, kPcm.substr(0, 4)),
                 "index.csv, line 3: samples 2 to 3, but fsdd_8k_int16le.pcm has 2"));
  CHECK(contains(data_error(kHeading + kRows, kPcm + kPcm),
                 "index.csv ends at sample 3, fsdd_8k_int16le.pcm has 6"));
  CHECK(
      contains(data_error(kHeading + "9_bob_5.wav,9,bob,5,2,1\n", kPcm),
               "line 2: offset_samples 2, but the recording before ends at 0; a line is missing"));
  CHECK(contains(data_error(kHeading + "a,0,eve,0,0,0\n", kPcm), "line 2: a recording without"));
  CHECK(contains(data_error(kHeading + "a,0,eve,-1,0,1\n", kPcm),
                 "line 2: take '-1', a number that is not negative expected"));
  CHECK(contains(data_error(kHeading, kPcm), "no recordings"));
  CHECK(contains(data_error(kHeading + "a,0,eve,0,0,3\n", kPcm), "one of them is empty"));
  CHECK(contains(data_error("file,digit,speaker,take,offset,n_samples\na,0,eve,0,0,1\n", kPcm),
                 "index.csv: unknown column 'offset_samples'"));
  CHECK(contains(data_error(kHeading + kRows, "version https://git-lfs.github.com/spec/v1\n"),
                 "Git LFS pointer"));
}

TEST_CASE("spoken digits: missing files are named") {
  const TemporaryDirectory directory;
  const auto io_error = [&](const std::filesystem::path& path) {
    return error_text(ErrorKind::kIo, [&] { load_spoken_digits(path, SpokenDigitClass::kDigit); });
  };
  CHECK(contains(io_error(directory.path() / "none"), "no such directory"));
  CHECK(contains(io_error(directory.path()), "fsdd_8k_int16le.pcm[.gz] is missing"));
  write_bytes(directory.path() / "fsdd_8k_int16le.pcm", kPcm);
  CHECK(contains(io_error(directory.path()), "index.csv"));
}

TEST_CASE("acceptance: the Free Spoken Digit Dataset has its published sizes") {
  const auto directory = test::test_data("set-fsdd");
  if (directory.empty()) return;
  const auto data = load_spoken_digits(directory, SpokenDigitClass::kSpeaker);
  CHECK(data->recordings.size() == 3000);
  CHECK(data->recordings.samples.size() == 10498424);
  CHECK(data->split.train.size() == 2700);
  CHECK(data->split.test.size() == 300);
  CHECK(data->classes ==
        std::vector<std::string>{"george", "jackson", "lucas", "nicolas", "theo", "yweweler"});
  std::size_t shortest = data->recordings.samples.size();
  std::size_t longest = 0;
  for (std::size_t i = 0; i < data->recordings.size(); ++i) {
    shortest = std::min(shortest, data->recordings.recording(i).size());
    longest = std::max(longest, data->recordings.recording(i).size());
  }
  CHECK(static_cast<double>(shortest) / 8000 == doctest::Approx(0.14).epsilon(0.05));
  CHECK(static_cast<double>(longest) / 8000 == doctest::Approx(2.28).epsilon(0.005));
  CHECK(all_pairs(data->recordings, data->split.test).size() == 44850);
  const auto digits = load_spoken_digits(directory, SpokenDigitClass::kDigit);
  CHECK(digits->classes.size() == 10);
  CHECK(digits->recordings.samples == data->recordings.samples);
  CHECK(digits->id != data->id);
}

TEST_CASE("acceptance: cepstral statistics tell the speakers of the digits apart, roughly") {
  // The whole chain without a network: mean and deviation of 20 cepstra, standardised over the
  // training part, cosine, all 44,850 pairs of the test part. Chance is 50 %; the network of
  // EfficientTDNN, section 6, reaches 4 to 5 %.
  const auto directory = test::test_data("set-fsdd");
  if (directory.empty()) return;
  const auto data = load_spoken_digits(directory, SpokenDigitClass::kSpeaker);
  constexpr std::size_t kCepstra = 20;
  constexpr std::size_t kSize = 2 * kCepstra;
  MelOptions options = mel_options_for(8000, true);
  options.cepstra = kCepstra;
  options.normalise = false;
  const MelFrontEnd mel(options);
  const auto statistics_of = [&](std::uint32_t i) {
    const auto samples = whole_recording(data->recordings.recording(i), 2000);
    return statistics_over_time(mel.extract(samples), kCepstra);
  };
  std::vector<float> training;  // [kSize, training recordings]: channels over recordings
  const std::size_t count = data->split.train.size();
  training.resize(kSize * count);
  for (std::size_t n = 0; n < count; ++n) {
    const auto statistics = statistics_of(data->split.train[n]);
    for (std::size_t k = 0; k < kSize; ++k) training[k * count + n] = statistics[k];
  }
  const std::vector<float> scale = statistics_over_time(training, kSize);
  std::map<std::uint32_t, std::vector<float>> directions;
  for (const std::uint32_t i : data->split.test) {
    auto statistics = statistics_of(i);
    for (std::size_t k = 0; k < kSize; ++k) {
      statistics[k] = (statistics[k] - scale[k]) / scale[kSize + k];
    }
    directions[i] = mean_direction(statistics, kSize);
  }
  std::vector<ScoredTrial> scored;
  const auto trials = all_pairs(data->recordings, data->split.test);
  for (const VerificationTrial& trial : trials) {
    scored.push_back({cosine_score(directions[trial.enrol], directions[trial.test]), trial.target});
  }
  const double rate = equal_error_rate(scored);
  MESSAGE("EER " << 100 * rate << " %");
  CHECK(rate < 0.30);
  CHECK(rate > 0.10);
  const Interval interval =
      eer_interval(scored, recording_units(trials), {.rounds = 100}, Rng(RngKey{.seed = 1}));
  CHECK(interval.low < rate);
  CHECK(interval.high > rate);
  CHECK(interval.high - interval.low > 0.02);  // 300 recordings, not 44,850 facts
}
