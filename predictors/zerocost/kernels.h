#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "predictors/zerocost/evidence.h"

namespace nas {

/// sums[image, channel] = sum over positions of a * g. Both [images, positions, channels]
/// (channels last) or [images, channels, positions].
void channel_products(std::span<const float> a, std::span<const float> g, std::int64_t images,
                      std::int64_t channels, bool channels_last, std::span<double> sums);

/// Packs signs of [images, units].
SignPattern pack_signs(std::span<const float> values, std::int64_t images);

/// K[i, j] += number of units in which images i and j have the same sign; [images, images].
void add_agreement(const SignPattern& pattern, std::int64_t images, std::span<double> kernel);

/// Adds sign(g) to `sums`.
void add_signs(std::span<const float> gradient, std::span<float> sums);

}  // namespace nas
