#include "core/data/audio/mel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>

#include "core/util/error.h"
#include "core/util/rng.h"

using namespace nas;

namespace {

std::vector<float> noise(std::size_t size, double amplitude = 2000) {
  Rng rng(RngKey{.seed = 4});
  std::vector<float> samples;
  for (std::size_t t = 0; t < size; ++t) {
    samples.push_back(static_cast<float>(amplitude * rng.normal()));
  }
  return samples;
}

/// The signal of the golden values: tones, a sweep and a saw of period 101.
std::vector<float> golden_signal(std::size_t size) {
  std::vector<float> samples;
  for (std::size_t i = 0; i < size; ++i) {
    const auto t = static_cast<double>(i);
    samples.push_back(static_cast<float>(1000 * std::sin(0.05 * t) + 500 * std::sin(0.31 * t + 1) +
                                         std::fmod(t * 7919, 101.0) +
                                         200 * std::sin(t * t * 0.0004)));
  }
  return samples;
}

/// x[t], reflected at the ends without repeating them.
double reflected(const std::vector<double>& x, long t) {
  const auto last = static_cast<long>(x.size()) - 1;
  if (t < 0) t = -t;
  if (t > last) t = 2 * last - t;
  return x[static_cast<std::size_t>(t)];
}

double mel(double hz) {
  return 2595 * std::log10(1 + hz / 700);
}

/// Mel powers [mels, frames] as sums of their definition, in double precision.
std::vector<std::vector<double>> defined_powers(const std::vector<float>& samples,
                                                const MelOptions& options) {
  std::vector<double> x(samples.begin(), samples.end());
  std::vector<double> y;
  for (long t = 0; t < static_cast<long>(x.size()); ++t) {
    y.push_back(reflected(x, t) - options.pre_emphasis * reflected(x, t - 1));
  }
  const auto centre_hz = [&](double number) {
    const double at = mel(options.low_hz) + (mel(options.high_hz) - mel(options.low_hz)) * number /
                                                static_cast<double>(options.mels + 1);
    return 700 * (std::pow(10, at / 2595) - 1);
  };
  const std::size_t frames = 1 + samples.size() / static_cast<std::size_t>(options.hop);
  std::vector<std::vector<double>> powers(static_cast<std::size_t>(options.mels),
                                          std::vector<double>(frames, 0.0));
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const long begin = static_cast<long>(frame) * options.hop - options.window / 2;
    for (std::int64_t bin = 0; bin <= options.fft / 2; ++bin) {
      double real = 0;
      double imaginary = 0;
      for (std::int64_t n = 0; n < options.window; ++n) {
        const double turn = 2 * std::numbers::pi * static_cast<double>(n);
        const double value = reflected(y, begin + n) *
                             (0.54 - 0.46 * std::cos(turn / static_cast<double>(options.window)));
        const double angle = turn * static_cast<double>(bin) / static_cast<double>(options.fft);
        real += value * std::cos(angle);
        imaginary += value * std::sin(angle);
      }
      const double hz = static_cast<double>(bin) * static_cast<double>(options.sample_rate) /
                        static_cast<double>(options.fft);
      for (std::size_t m = 0; m < powers.size(); ++m) {
        const double left = centre_hz(static_cast<double>(m));
        const double centre = centre_hz(static_cast<double>(m) + 1);
        const double right = centre_hz(static_cast<double>(m) + 2);
        const double height =
            hz <= centre ? (hz - left) / (centre - left) : (right - hz) / (right - centre);
        powers[m][frame] += std::max(height, 0.0) * (real * real + imaginary * imaginary);
      }
    }
  }
  return powers;
}

void normalise(std::vector<std::vector<double>>& rows) {
  for (auto& row : rows) {
    double mean = 0;
    double variance = 0;
    for (const double value : row) mean += value / static_cast<double>(row.size());
    for (const double value : row) {
      variance += (value - mean) * (value - mean) / static_cast<double>(row.size());
    }
    for (double& value : row) value = (value - mean) / std::sqrt(variance + 1e-5);
  }
}

double largest_difference(const std::vector<float>& features,
                          const std::vector<std::vector<double>>& rows) {
  double largest = 0;
  std::size_t i = 0;
  for (const auto& row : rows) {
    for (const double value : row) largest = std::max(largest, std::abs(features.at(i++) - value));
  }
  CHECK(i == features.size());
  return largest;
}

}  // namespace

TEST_CASE("mel: log-mel features equal the sums of their definition") {
  for (const int rate : {8000, 16000}) {
    CAPTURE(rate);
    const MelOptions options = mel_options_for(rate);
    const std::vector<float> samples = noise(static_cast<std::size_t>(rate) / 20 + 37);
    auto rows = defined_powers(samples, options);
    for (auto& row : rows) {
      for (double& value : row) value = std::log(value + 1e-6);
    }
    normalise(rows);
    CHECK(largest_difference(MelFrontEnd(options).extract(samples), rows) < 2e-4);
  }
}

TEST_CASE("mel: cepstra equal the sums of their definition") {
  const MelOptions options = mel_options_for(8000, true);
  CHECK(options.cepstra == 40);
  CHECK(options.mels == 64);
  const std::vector<float> samples = noise(437);
  auto rows = defined_powers(samples, options);
  double highest = -1e9;
  for (auto& row : rows) {
    for (double& value : row) {
      value = 10 * std::log10(std::max(value, 1e-10));
      highest = std::max(highest, value);
    }
  }
  std::vector<std::vector<double>> cepstra(40, std::vector<double>(rows[0].size(), 0.0));
  for (std::size_t k = 0; k < 40; ++k) {
    for (std::size_t m = 0; m < 64; ++m) {
      const double cosine = std::cos(std::numbers::pi * static_cast<double>(k) *
                                     (2 * static_cast<double>(m) + 1) / 128);
      for (std::size_t t = 0; t < rows[0].size(); ++t) {
        cepstra[k][t] +=
            std::sqrt((k == 0 ? 1 : 2) / 64.0) * cosine * std::max(rows[m][t], highest - 80);
      }
    }
  }
  normalise(cepstra);
  CHECK(largest_difference(MelFrontEnd(options).extract(samples), cepstra) < 2e-3);
}

TEST_CASE("mel: golden values by LibTorch 1.13 (stft, hamming_window, reflection_pad1d)") {
  struct Golden {
    int sample_rate;
    bool cepstra;
    std::size_t samples, channels, frames;
    std::array<std::array<double, 4>, 5> values;  // channels 0, 1, 7, 20, 39; frames 0, 1, 9, last
  };
  const Golden kGolden[] = {
      {16000,
       false,
       3000,
       80,
       19,
       {{{3.179493, -1.347146, -0.043703, 2.341575},
         {3.410700, -1.206396, -0.293303, 2.004253},
         {2.417501, 1.840212, -0.811126, 1.682558},
         {2.281021, 1.158116, -0.626126, 1.243586},
         {-0.621305, -0.591316, -0.320057, -0.477336}}}},
      {8000,
       false,
       2000,
       40,
       26,
       {{{-1.407198, 0.549805, 0.262107, -4.706805},
         {-3.456730, 1.046502, 0.228841, -3.383114},
         {1.496698, 0.143763, -0.426103, 4.537836},
         {0.087229, -0.531437, -0.526896, 0.938433},
         {-4.321419, 0.059208, -0.225551, 2.569773}}}},
      {16000,
       true,
       3000,
       80,
       19,
       {{{3.036904, 0.522517, -0.643525, 1.671753},
         {1.905968, 1.933443, -0.823444, 0.780403},
         {-0.669816, -1.120104, -0.368569, -0.015959},
         {-0.032649, -0.236301, -0.653883, 0.907464},
         {0.825347, 0.927893, -2.147752, 0.289136}}}},
  };
  for (const Golden& golden : kGolden) {
    CAPTURE(golden.sample_rate);
    CAPTURE(golden.cepstra);
    const MelFrontEnd mel(mel_options_for(golden.sample_rate, golden.cepstra));
    CHECK(mel.channels() == golden.channels);
    CHECK(mel.frames(golden.samples) == golden.frames);
    const std::vector<float> features = mel.extract(golden_signal(golden.samples));
    constexpr std::array<std::size_t, 5> kChannels = {0, 1, 7, 20, 39};
    const std::array<std::size_t, 4> frames = {0, 1, 9, golden.frames - 1};
    for (std::size_t c = 0; c < 5; ++c) {
      for (std::size_t f = 0; f < 4; ++f) {
        const double value = features[kChannels[c] * golden.frames + frames[f]];
        CHECK(std::abs(value - golden.values[c][f]) < 2e-3);
      }
    }
  }
}

TEST_CASE("mel: the published settings of both rates") {
  const MelOptions wide = mel_options_for(16000);
  CHECK(fields_to_map(mel_fields(), wide) == fields_to_map(mel_fields(), MelOptions{}));
  const MelOptions narrow = mel_options_for(8000);
  CHECK(narrow.fft == 256);
  CHECK(narrow.window == 200);
  CHECK(narrow.hop == 80);
  CHECK(narrow.mels == 40);
  CHECK(narrow.low_hz == 20);
  CHECK(narrow.high_hz == 3800);
  const MelOptions cepstra = mel_options_for(16000, true);
  CHECK(cepstra.mels == 128);
  CHECK(cepstra.cepstra == 80);
  for (const int rate : {1000, 11025, 22050, 44100, 48000, 768000}) {
    CAPTURE(rate);
    CHECK(validate(mel_options_for(rate)).empty());
    CHECK(validate(mel_options_for(rate, true)).empty());
  }
}

TEST_CASE("mel: every channel has mean 0 and variance 1, silence and one level are zeros") {
  const MelFrontEnd mel(mel_options_for(8000));
  const std::vector<float> features = mel.extract(noise(4000));
  const std::size_t frames = mel.frames(4000);
  CHECK(frames == 51);
  for (std::size_t c = 0; c < 40; ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t t = 0; t < frames; ++t) {
      sum += features[c * frames + t];
      squares += features[c * frames + t] * features[c * frames + t];
    }
    CHECK(std::abs(sum) < 1e-3);
    CHECK(squares / static_cast<double>(frames) == doctest::Approx(1).epsilon(1e-3));
  }
  for (const float value : mel.extract(std::vector<float>(4000, 0.0F))) CHECK(value == 0);
}

TEST_CASE("mel: statistics over time, by hand") {
  const std::vector<float> features = {1, 3, 5, 2, 2, 2};
  CHECK(statistics_over_time(features, 2) ==
        std::vector<float>{3, 2, static_cast<float>(std::sqrt(8.0 / 3)), 0});
  MelOptions options = mel_options_for(8000, true);
  options.normalise = false;
  std::vector<float> plain = MelFrontEnd(options).extract(noise(1000));
  const std::vector<float> statistics = statistics_over_time(plain, 40);
  CHECK(statistics[0] > 100);  // the level in dB times the square root of 64 filters
  normalise_over_time(plain, 40);
  CHECK(plain == MelFrontEnd(mel_options_for(8000, true)).extract(noise(1000)));
}

TEST_CASE("mel: recordings that are too short for the reflection are refused") {
  const MelFrontEnd mel(mel_options_for(8000));
  CHECK(mel.least_samples() == 129);
  CHECK(mel.extract(noise(129)).size() == 40 * 2);
  CHECK_THROWS_WITH_AS(mel.extract(noise(128)),
                       "a recording of 128 samples is too short for an FFT of 256: repeat it to at "
                       "least 129",
                       Error);
}

TEST_CASE("mel: options that contradict each other are all named") {
  MelOptions options;
  options.window = 600;
  options.high_hz = 9000;
  options.cepstra = 100;
  try {
    MelFrontEnd{options};
    FAIL("no error was thrown");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    CHECK(std::string(error.what()) ==
          "mel features: window = 600, must be at most fft = 512; cepstra = 100, must be at most "
          "mels = 80; high_hz = 9000, must be at most half of the rate = 8000");
  }
  options = MelOptions{};
  options.low_hz = options.high_hz;
  CHECK(validate(options).size() == 1);
  options.hop = 0;
  CHECK(validate(options).size() == 2);
}
