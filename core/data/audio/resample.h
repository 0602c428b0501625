#pragma once

#include <span>
#include <vector>

#include "core/data/audio/waveform.h"

namespace nas {

/// The recording at another rate: band-limited interpolation by libsamplerate's windowed sinc of
/// medium quality (121 dB, 90 % of the band). N samples become round(N rate / old rate), at least
/// 1; their times begin where the old ones do. At the same rate a copy. Throws Error(kUnsupported)
/// for rates more than 256 times apart.
Waveform resampled(const Waveform& waveform, int sample_rate);

}  // namespace nas
