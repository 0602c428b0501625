#pragma once

#include <span>
#include <vector>

namespace nas {

/// The recording spoken `factor` times as fast at the same pitch: N samples become round(N /
/// factor). WSOLA (Verhelst and Roelands, ICASSP 1993) with the lengths of sox's `tempo`: segments
/// of 82 ms that overlap by 12 ms, each moved by up to 7.3 ms to where it continues the segment
/// before most closely. An own implementation: samples differ from those of sox, sounds do not.
/// Requires at least one sample and 0.1 <= factor <= 10.
std::vector<float> with_tempo(std::span<const float> samples, double factor, int sample_rate);

}  // namespace nas
