#include "core/data/audio/compand.h"

#include <algorithm>
#include <cmath>

namespace nas {
namespace {

constexpr double kDecaySeconds = 0.5;
constexpr double kCornerDb = -6;
constexpr double kCornerGainDb = 3;
constexpr double kHalfKneeDb = 3;
constexpr double kFullScale = 32768;
constexpr double kLowestLevel = 1e-6;  // of full scale; the gain is constant long before

}  // namespace

double compand_gain_db(double level_db) {
  constexpr double kSlope = kCornerGainDb / kCornerDb;  // beyond the corner, to 0 dB at 0 dB
  if (level_db <= kCornerDb - kHalfKneeDb) return kCornerGainDb;
  if (level_db >= kCornerDb + kHalfKneeDb) return kSlope * std::min(level_db, 0.0);
  // The parabola that meets both lines with their slopes.
  const double inside = level_db - (kCornerDb - kHalfKneeDb);
  return kCornerGainDb + kSlope * inside * inside / (4 * kHalfKneeDb);
}

void compand(std::span<float> samples, int sample_rate) {
  const double decay = 1 - std::exp(-1 / (kDecaySeconds * sample_rate));
  double level = 1;
  for (float& sample : samples) {
    const double size = std::abs(sample) / kFullScale;
    level = size >= level ? size : level + decay * (size - level);
    const double gain_db = compand_gain_db(20 * std::log10(std::max(level, kLowestLevel)));
    sample *= static_cast<float>(std::pow(10, gain_db / 20));
  }
}

}  // namespace nas
