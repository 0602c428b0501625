#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

// Recordings of any length become pieces of one length. A recording that is not longer than a
// piece is first repeated cyclically to one sample more than the piece. EfficientTDNN, section 2.1.
//
// Requires recordings of at least one sample and pieces of at least one sample.

/// The length that a recording of `size` samples has before pieces of `piece` samples are cut.
std::size_t size_before_crop(std::size_t size, std::size_t piece);

/// `piece` samples from `start` on, of the recording repeated cyclically.
std::vector<float> crop_at(std::span<const std::int16_t> recording, std::size_t start,
                           std::size_t piece);

/// One piece at a uniformly random start, in training.
std::vector<float> random_crop(std::span<const std::int16_t> recording, std::size_t piece,
                               Rng& rng);

/// The piece in the middle.
std::vector<float> centre_crop(std::span<const std::int16_t> recording, std::size_t piece);

/// `count` pieces at equally spaced starts, from 0 to the last possible one inclusive, rounded
/// down; one piece starts at 0. In evaluation.
std::vector<std::vector<float>> spaced_crops(std::span<const std::int16_t> recording,
                                             std::size_t piece, std::size_t count);

/// The whole recording, repeated when it has `least` samples or fewer. In the final evaluation;
/// EfficientTDNN: 48,000.
std::vector<float> whole_recording(std::span<const std::int16_t> recording, std::size_t least);

/// The first `size` samples of what is repeated cyclically.
std::vector<float> wrapped(std::span<const float> samples, std::size_t size);

}  // namespace nas
