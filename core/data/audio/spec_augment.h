#pragma once

#include <cstdint>
#include <span>

#include "core/util/rng.h"

namespace nas {

/// One mask over neighbouring channels and one over neighbouring frames. Widths are uniform in
/// [0, most), starts uniform in what is left, both real; masked is what lies between.
/// EfficientTDNN, section 2.1 (off in its results): 10 and 5.
struct SpecAugmentOptions {
  std::int64_t most_channels = 10;
  std::int64_t most_frames = 5;
};

/// Writes 0, the mean of normalised features, under both masks. `features`: [channels, frames],
/// row-major. Always draws four numbers.
void mask_features(std::span<float> features, std::size_t channels,
                   const SpecAugmentOptions& options, Rng& rng);

}  // namespace nas
