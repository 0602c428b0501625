#include "core/data/audio/resample.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/util/error.h"

using namespace nas;

namespace {

Waveform tone(double hz, int sample_rate, std::size_t samples) {
  Waveform waveform{sample_rate, {}};
  for (std::size_t t = 0; t < samples; ++t) {
    const double turns = hz * static_cast<double>(t) / sample_rate;
    waveform.samples.push_back(static_cast<float>(10000 * std::sin(2 * std::numbers::pi * turns)));
  }
  return waveform;
}

/// The largest difference, away from the ends, where the filter sees the silence outside.
double largest_difference(const Waveform& a, const Waveform& b, std::size_t margin) {
  REQUIRE(a.samples.size() == b.samples.size());
  double largest = 0;
  for (std::size_t t = margin; t + margin < a.samples.size(); ++t) {
    largest = std::max(largest, std::abs(static_cast<double>(a.samples[t]) - b.samples[t]));
  }
  return largest;
}

}  // namespace

TEST_CASE("resample: a tone is the same tone at the other rate, in phase") {
  for (const auto& [from, to] : {std::pair(8000, 16000), {16000, 8000}, {44100, 16000}}) {
    CAPTURE(from);
    CAPTURE(to);
    const auto seconds = [](int rate) { return static_cast<std::size_t>(rate) / 2; };
    const Waveform result = resampled(tone(440, from, seconds(from)), to);
    CHECK(result.sample_rate == to);
    CHECK(largest_difference(result, tone(440, to, seconds(to)), 800) < 1.0);  // of 10,000
  }
}

TEST_CASE("resample: what the lower rate cannot hold is removed and not folded") {
  const Waveform result = resampled(tone(6000, 16000, 16000), 8000);
  CHECK(largest_difference(result, Waveform{8000, std::vector<float>(8000, 0)}, 400) < 1.0);
}

TEST_CASE("resample: lengths, one sample, the same rate, and rates too far apart") {
  CHECK(resampled(tone(440, 8000, 1), 16000).samples.size() == 2);
  CHECK(resampled(tone(440, 48000, 1), 8000).samples.size() == 1);
  CHECK(resampled(tone(440, 44100, 1001), 16000).samples.size() == 363);  // 363.17
  const Waveform same = tone(440, 8000, 100);
  CHECK(resampled(same, 8000).samples == same.samples);
  CHECK_THROWS_WITH_AS(resampled(tone(1, 1000, 10), 500000),
                       doctest::Contains("more than 256 times apart"), Error);
}
