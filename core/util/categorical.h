#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// exp(x_i) / sum exp(x_j), without overflow.
std::vector<double> softmax(std::span<const double> logits);

/// An index by its weight; weights need not add up to 1. Requires weights >= 0, and one above 0.
std::size_t weighted_draw(std::span<const double> weights, Rng& rng);

}  // namespace nas
