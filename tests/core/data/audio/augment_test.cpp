#include "core/data/audio/augment.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>

#include "core/data/audio/compand.h"
#include "core/data/audio/crop.h"
#include "core/data/audio/noise.h"
#include "core/data/audio/reverberation.h"
#include "core/data/audio/tempo.h"

using namespace nas;

namespace {

using Samples = std::vector<float>;

/// Few sounds that can be told from each other.
std::shared_ptr<const SoundBank> small_bank() {
  auto bank = std::make_shared<SoundBank>();
  bank->sample_rate = 8000;
  Rng rng(RngKey{.seed = 1});
  const auto sound = [&] {
    std::vector<std::int16_t> samples;
    for (int t = 0; t < 1500; ++t) {
      samples.push_back(static_cast<std::int16_t>(1000 * rng.normal()));
    }
    return samples;
  };
  bank->noise = {sound()};
  bank->music = {sound()};
  for (int i = 0; i < 7; ++i) bank->speech.push_back(sound());
  bank->rooms = {{1, 0.5F, 0.25F}};
  return bank;
}

Samples speech_piece() {
  Samples piece;
  for (int t = 0; t < 1000; ++t) {
    piece.push_back(static_cast<float>(5000 * std::sin(0.2 * t) * std::sin(0.01 * t)));
  }
  return piece;
}

Samples distorted(SpeechDistortion distortion, std::uint64_t seed) {
  static const SpeechAugmenter augmenter(small_bank());
  Rng rng(RngKey{.seed = seed, .purpose = Purpose::kAugment});
  return augmenter.distort(speech_piece(), distortion, rng);
}

/// How far the speech lies above what was added, dB.
double ratio_db(const Samples& result) {
  const Samples clean = speech_piece();
  Samples added;
  for (std::size_t t = 0; t < clean.size(); ++t) added.push_back(result[t] - clean[t]);
  return level_db(clean) - level_db(added);
}

}  // namespace

TEST_CASE("augment: each of the eight distortions is drawn equally often") {
  const SpeechAugmenter augmenter(small_bank());
  const Samples piece = speech_piece();
  constexpr int kRounds = 800;
  int unchanged = 0;
  std::set<Samples> results;
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Rng rng(RngKey{.seed = seed, .purpose = Purpose::kAugment});
    const Samples result = augmenter.augment(piece, rng);
    REQUIRE(result.size() == piece.size());
    unchanged += result == piece ? 1 : 0;
    results.insert(result);
  }
  CHECK(unchanged > kRounds / 8 - 45);  // nearly five standard deviations
  CHECK(unchanged < kRounds / 8 + 45);
  // Noise, music and babble: always another one; the others: 1 + 1 + 2 + 2 + 1 results.
  CHECK(results.size() > 3 * kRounds / 8 - 60);
  CHECK(results.size() < 3 * kRounds / 8 + 60);
}

TEST_CASE("augment: a result depends on the piece and its stream alone") {
  const SpeechAugmenter augmenter(small_bank());
  const Rng rng(RngKey{.seed = 2, .purpose = Purpose::kAugment});
  for (std::uint64_t i = 0; i < 20; ++i) {
    Rng first = rng.stream(i);
    Rng second = rng.stream(i);
    CHECK(augmenter.augment(speech_piece(), first) == augmenter.augment(speech_piece(), second));
  }
}

TEST_CASE("augment: noise and music lie as far below the speech as the sheet says") {
  std::array<double, 2> lowest = {100, 100};
  std::array<double, 2> highest = {-100, -100};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    for (const std::size_t kind : {0UL, 1UL}) {
      const auto distortion = kind == 0 ? SpeechDistortion::kNoise : SpeechDistortion::kMusic;
      const double ratio = ratio_db(distorted(distortion, seed));
      lowest[kind] = std::min(lowest[kind], ratio);
      highest[kind] = std::max(highest[kind], ratio);
    }
  }
  CHECK(lowest[0] == doctest::Approx(0).epsilon(0.3));
  CHECK(highest[0] == doctest::Approx(15).epsilon(0.02));
  CHECK(lowest[1] == doctest::Approx(5).epsilon(0.05));
  CHECK(highest[1] == doctest::Approx(15).epsilon(0.02));
}

TEST_CASE("augment: babble is the mean of three to seven voices, each 13 to 20 dB below") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const double ratio = ratio_db(distorted(SpeechDistortion::kBabble, seed));
    // n independent voices of equal level, averaged: 10 log10(n) dB quieter than one.
    CHECK(ratio > 13 + 10 * std::log10(3) - 1.5);
    CHECK(ratio < 20 + 10 * std::log10(7) + 1.5);
  }
}

TEST_CASE("augment: room, tempo and compand are the functions of their names") {
  const Samples piece = speech_piece();
  CHECK(distorted(SpeechDistortion::kNone, 1) == piece);
  CHECK(distorted(SpeechDistortion::kReverberation, 1) ==
        reverberated(piece, std::vector<float>{1, 0.5F, 0.25F}));
  Samples companded = piece;
  compand(companded, 8000);
  CHECK(distorted(SpeechDistortion::kCompand, 1) == companded);
  const auto tempo = [&](double factor) {
    return wrapped(with_tempo(piece, factor, 8000), piece.size());
  };
  std::set<Samples> faster;
  std::set<Samples> slower;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    faster.insert(distorted(SpeechDistortion::kFaster, seed));
    slower.insert(distorted(SpeechDistortion::kSlower, seed));
  }
  CHECK(faster == std::set<Samples>{tempo(1.1), tempo(1.2)});
  CHECK(slower == std::set<Samples>{tempo(0.8), tempo(0.9)});
}

TEST_CASE("augment: generated sounds serve all distortions of a real length") {
  const SpeechAugmenter augmenter(generated_sound_bank(8000));
  Samples piece;
  for (int t = 0; t < 4000; ++t) piece.push_back(static_cast<float>(3000 * std::sin(0.1 * t)));
  for (std::size_t i = 0; i < kSpeechDistortions; ++i) {
    const auto distortion = static_cast<SpeechDistortion>(i);
    CAPTURE(to_string(distortion));
    Rng rng(RngKey{.seed = i});
    const Samples result = augmenter.distort(piece, distortion, rng);
    REQUIRE(result.size() == 4000);
    for (const float sample : result) REQUIRE(std::isfinite(sample));
    CHECK((result == piece) == (distortion == SpeechDistortion::kNone));
  }
}
