#pragma once

#include <span>
#include <vector>

namespace nas {

/// The speech as it sounds in the room of the impulse response, which is divided by its L2 norm:
/// full convolution by FFT, cut to the length of the speech. EfficientTDNN, section 2.2.
/// Requires a response that is not silent.
std::vector<float> reverberated(std::span<const float> speech, std::span<const float> response);

}  // namespace nas
