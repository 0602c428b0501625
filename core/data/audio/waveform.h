#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nas {

/// A recording of one channel. Samples are in the range of 16-bit integers, [-32768, 32767],
/// whatever the file holds, and are never divided by it: EfficientTDNN, the released code; its
/// constants (log floor, noise floor) are meant for this range.
struct Waveform {
  int sample_rate = 0;  ///< Hz
  std::vector<float> samples;
};

/// Rounded to the nearest integer; what lies outside the range becomes its nearest end.
std::vector<std::int16_t> to_int16(std::span<const float> samples);
std::vector<float> to_float(std::span<const std::int16_t> samples);

}  // namespace nas
