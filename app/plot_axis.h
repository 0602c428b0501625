#pragma once

#include <span>
#include <string>
#include <vector>

namespace nas {

/// Round values on a logarithmic axis that runs from 10^low to 10^high: 1, 2 and 5 times powers of
/// ten; only powers when there are many, and every second, fifth, tenth, ... power of a range of
/// hundreds. About `wanted`, at least two. Requires finite numbers, low < high.
std::vector<double> log_ticks(double low, double high, int wanted);

/// Whole numbers within [low, high], about `wanted`: epochs, trials, counts.
std::vector<double> whole_ticks(double low, double high, int wanted);

/// The labels of one axis: as short as `tick_label`, with more digits where two would read alike.
std::vector<std::string> tick_labels(std::span<const double> ticks);

}  // namespace nas
