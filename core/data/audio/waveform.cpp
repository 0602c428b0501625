#include "core/data/audio/waveform.h"

#include <algorithm>
#include <cmath>

namespace nas {

std::vector<std::int16_t> to_int16(std::span<const float> samples) {
  std::vector<std::int16_t> result;
  result.reserve(samples.size());
  for (const float sample : samples) {
    result.push_back(static_cast<std::int16_t>(std::lround(std::clamp(sample, -32768.F, 32767.F))));
  }
  return result;
}

std::vector<float> to_float(std::span<const std::int16_t> samples) {
  return {samples.begin(), samples.end()};
}

}  // namespace nas
