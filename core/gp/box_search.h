#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// A smooth function of a box: value, and its gradient where the span is not empty.
using BoxFunction =
    std::function<double(std::span<const double> point, std::span<double> gradient)>;
/// The same for many points at once, row-major.
using BoxBatch = std::function<std::vector<double>(std::span<const double> points)>;

struct BoxSearch {
  std::size_t dimensions = 1;
  double low = -1, high = 1;    ///< of every coordinate
  std::size_t points = 10'000;  ///< uniform ones, the best of which is the first incumbent
  std::size_t starts = 10;      ///< further uniform points from which L-BFGS climbs
};

/// The best point met. A local optimum replaces the incumbent when it is no worse. Every point
/// asked for, and the result, lie in the box.
std::vector<double> maximise_in_box(const BoxSearch& search, const BoxBatch& batch,
                                    const BoxFunction& function, Rng rng);

/// Climbs from `start` (in the box) by L-BFGS; returns where it ends and sets `value`.
std::vector<double> climb_in_box(std::span<const double> low, std::span<const double> high,
                                 std::span<const double> start, int max_iterations,
                                 const BoxFunction& function, double& value);

}  // namespace nas
