#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nas {

/// x >= 0 that minimises |A x - b|: the non-negative least squares of Lawson and Hanson (Solving
/// Least Squares Problems, 1974, chapter 23). With so few unknowns the least squares of every
/// subset of them are compared, which is exact. `rows`: A row-major, targets.size() rows of
/// `width`. A column of zeros gets 0. Requires 1 <= width <= 10.
std::vector<double> fit_non_negative(std::span<const double> rows, std::size_t width,
                                     std::span<const double> targets);

}  // namespace nas
