#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// Predictions of measurements, a fifth of them at a time, from the others: `predict` learns from
/// the rows `kept` and gives one number for each of `left`. Of two, each says what the other is.
using LeftOutPredict = std::function<std::vector<double>(std::span<const std::size_t> kept,
                                                         std::span<const std::size_t> left)>;
std::vector<double> left_out_in_parts(std::span<const double> measured, Rng rng,
                                      const LeftOutPredict& predict);

}  // namespace nas
