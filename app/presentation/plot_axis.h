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

/// Round numbers in [low, high]: steps of 1, 2 or 5 times a power of ten, about `wanted` of them,
/// at least two where low < high. Requires finite values, low <= high.
std::vector<double> nice_ticks(double low, double high, int wanted);
/// 12500 -> "12.5k", 3.2e6 -> "3.2M", 1e15 -> "1e+15"; small numbers plain.
std::string tick_label(double value);

}  // namespace nas
