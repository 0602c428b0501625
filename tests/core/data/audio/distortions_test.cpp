// The single distortions of core/data/audio: noise, reverberation, tempo, compand.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/data/audio/compand.h"
#include "core/data/audio/noise.h"
#include "core/data/audio/reverberation.h"
#include "core/data/audio/tempo.h"
#include "core/util/rng.h"

using namespace nas;

namespace {

constexpr int kRate = 8000;
using Samples = std::vector<float>;

Samples tone(double hz, std::size_t size, double amplitude = 10000) {
  Samples samples;
  for (std::size_t t = 0; t < size; ++t) {
    const double turns = hz * static_cast<double>(t) / kRate;
    samples.push_back(static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * turns)));
  }
  return samples;
}

Samples white(std::size_t size, std::uint64_t seed, double amplitude = 1000) {
  Rng rng(RngKey{.seed = seed});
  Samples samples;
  for (std::size_t t = 0; t < size; ++t) {
    samples.push_back(static_cast<float>(amplitude * rng.normal()));
  }
  return samples;
}

Samples difference(const Samples& a, const Samples& b) {
  Samples result;
  for (std::size_t t = 0; t < a.size(); ++t) result.push_back(a[t] - b[t]);
  return result;
}

/// The loudest frequency of a quarter of a second in the middle, by the sum of its definition.
double loudest_hz(const Samples& samples) {
  const std::size_t size = kRate / 4;
  const std::size_t begin = (samples.size() - size) / 2;
  double best_power = 0;
  double best_hz = 0;
  for (double hz = 100; hz < 1000; hz += 2) {
    double real = 0;
    double imaginary = 0;
    for (std::size_t t = 0; t < size; ++t) {
      const double turn = 2 * std::numbers::pi * hz * static_cast<double>(t) / kRate;
      real += samples[begin + t] * std::cos(turn);
      imaginary += samples[begin + t] * std::sin(turn);
    }
    const double power = real * real + imaginary * imaginary;
    if (power > best_power) {
      best_power = power;
      best_hz = hz;
    }
  }
  return best_hz;
}

}  // namespace

TEST_CASE("noise: levels are those of the sheet, silence is -40 dB") {
  CHECK(level_db(Samples(100, 1000)) == doctest::Approx(60));
  CHECK(level_db(Samples(100, 0)) == doctest::Approx(-40));  // 10 log10(1e-4)
}

TEST_CASE("noise: one noise lies as far below the speech as it should") {
  const Samples clean = tone(440, 4000);
  for (const double snr : {0.0, 5.0, 15.0}) {
    Samples speech = clean;
    add_noises(speech, std::vector<Samples>{white(4000, 1)}, std::vector<double>{snr});
    CHECK(level_db(clean) - level_db(difference(speech, clean)) ==
          doctest::Approx(snr).epsilon(0.001));
  }
}

TEST_CASE("noise: several noises are averaged, each at its own ratio") {
  const Samples clean = tone(440, 4000);
  const std::vector<Samples> noises = {white(4000, 1), white(4000, 2, 30)};
  const std::vector<double> snr = {10, 20};
  Samples speech = clean;
  add_noises(speech, noises, snr);
  Samples expected = clean;
  for (std::size_t i = 0; i < 2; ++i) {
    double power = 0;
    double noise_power = 0;
    for (std::size_t t = 0; t < 4000; ++t) {
      power += clean[t] * clean[t] / 4000.0;
      noise_power += noises[i][t] * noises[i][t] / 4000.0;
    }
    const double scale = std::sqrt(power / noise_power / std::pow(10, snr[i] / 10)) / 2;
    for (std::size_t t = 0; t < 4000; ++t) {
      expected[t] += static_cast<float>(scale * noises[i][t]);
    }
  }
  CHECK(level_db(difference(speech, expected)) < -20);
}

TEST_CASE("noise: silence gets silence, and silent noise adds nothing") {
  Samples speech(100, 0);
  add_noises(speech, std::vector<Samples>{white(100, 1)}, std::vector<double>{0.0});
  CHECK(level_db(speech) == doctest::Approx(-37).epsilon(0.01));  // twice the floor's power
  Samples loud = tone(440, 100);
  const Samples before = loud;
  add_noises(loud, std::vector<Samples>{Samples(100, 0)}, std::vector<double>{0.0});
  CHECK(loud == before);
}

TEST_CASE("reverberation: equals the convolution of its definition, whatever the lengths") {
  for (const std::size_t length : {1UL, 5UL, 100UL, 300UL}) {
    CAPTURE(length);
    const Samples speech = white(100, 1);
    const Samples room = white(length, 2, 3);
    double squares = 0;
    for (const float x : room) squares += x * x;
    const Samples result = reverberated(speech, room);
    REQUIRE(result.size() == 100);
    for (std::size_t t = 0; t < 100; ++t) {
      double sum = 0;
      for (std::size_t i = 0; i < std::min(length, t + 1); ++i) sum += room[i] * speech[t - i];
      CHECK(std::abs(result[t] - sum / std::sqrt(squares)) < 0.02);
    }
  }
}

TEST_CASE("tempo: the length changes by the factor, the pitch and the level do not") {
  for (const double factor : {0.8, 0.9, 1.1, 1.2}) {
    CAPTURE(factor);
    const Samples before = tone(300, 8000);
    const Samples after = with_tempo(before, factor, kRate);
    CHECK(after.size() == static_cast<std::size_t>(std::lround(8000 / factor)));
    CHECK(loudest_hz(after) == 300);
    CHECK(level_db(after) == doctest::Approx(level_db(before)).epsilon(0.005));
  }
}

TEST_CASE("tempo: events keep their order and move with the factor") {
  Samples clicks(8000, 0.0F);
  const Samples burst = tone(500, 160);
  for (const std::size_t at : {2000UL, 4000UL, 6000UL}) {
    std::copy(burst.begin(), burst.end(), clicks.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const Samples faster = with_tempo(clicks, 1.25, kRate);
  for (const std::ptrdiff_t at : {1600, 3200, 4800}) {  // the old places / 1.25
    const auto begin = faster.begin() + at - 400;
    double squares = 0;
    for (auto sample = begin; sample < begin + 1000; ++sample) squares += *sample * *sample;
    CHECK(squares > 0.25 * 160 * 10000.0 * 10000.0 / 2);  // a quarter of a burst at least
  }
}

TEST_CASE("tempo: factor 1 changes nothing, and no recording is too short") {
  const Samples before = white(5000, 3);
  CHECK(with_tempo(before, 1, kRate) == before);
  for (const std::size_t size : {1UL, 2UL, 3UL, 10UL, 100UL, 700UL}) {
    CAPTURE(size);
    const Samples after = with_tempo(white(size, 4), 1.2, kRate);
    CHECK(after.size() == std::max(1L, std::lround(static_cast<double>(size) / 1.2)));
    for (const float sample : after) CHECK(std::abs(sample) < 6000);
  }
}

TEST_CASE("compand: the curve has its points, slopes and no steps") {
  CHECK(compand_gain_db(0) == 0);
  CHECK(compand_gain_db(6) == 0);
  CHECK(compand_gain_db(-2) == 1);  // on the line from (-6, 3) to (0, 0)
  CHECK(compand_gain_db(-60) == 3);
  CHECK(compand_gain_db(-6) < 3);  // the corner is rounded
  CHECK(compand_gain_db(-6) > 2);
  for (double level = -12; level < 2; level += 0.01) {
    const double step = compand_gain_db(level + 0.01) - compand_gain_db(level);
    CHECK(step <= 1e-12);
    CHECK(step >= -0.5 * 0.01 - 1e-9);
  }
}

TEST_CASE("compand: quiet speech becomes 3 dB louder as the level falls from full scale") {
  Samples quiet = tone(200, 8 * kRate, 100);
  const Samples before = quiet;
  compand(quiet, kRate);
  CHECK(quiet[1] == doctest::Approx(before[1]).epsilon(0.001));
  const auto last_second = [](const Samples& samples) {
    return level_db(std::span(samples).last(kRate));
  };
  CHECK(last_second(quiet) - last_second(before) == doctest::Approx(3).epsilon(0.001));
  // After 0.5 s of silence the level is 1/e, -8.69 dB.
  Samples silence(kRate, 0);
  silence[kRate / 2] = 1;
  compand(silence, kRate);
  CHECK(20 * std::log10(silence[kRate / 2]) ==
        doctest::Approx(compand_gain_db(-8.686)).epsilon(0.01));
}

TEST_CASE("compand: loud speech stays within the range") {
  Samples loud = tone(200, kRate, 32767);
  compand(loud, kRate);
  for (const float sample : loud) CHECK(std::abs(sample) <= 32768);
}
