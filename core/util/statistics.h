#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace nas {

// Rank correlations return nullopt when they are undefined (fewer than two pairs, or one side is
// constant). Requires x.size() == y.size() and no NaN (Error(kNumeric) otherwise).
std::optional<double> pearson(std::span<const double> x, std::span<const double> y);
std::optional<double> spearman(std::span<const double> x,
                               std::span<const double> y);  ///< average ranks
/// Kendall's tau-b, O(n log n): W. R. Knight, JASA 61 (1966).
std::optional<double> kendall_tau_b(std::span<const double> x, std::span<const double> y);

/// Ranks from 1, ties averaged.
std::vector<double> average_ranks(std::span<const double> values);

/// Normalised discounted cumulative gain of the first `k`: gain 2^rel - 1, discount log2(rank + 1),
/// items sorted by `score` descending (ties: input order). Relevance must be >= 0.
double ndcg(std::span<const double> relevance, std::span<const double> score, std::size_t k);

double mean(std::span<const double> values);
double sample_deviation(std::span<const double> values);  ///< n - 1; 0 for one value
double quantile(std::vector<double> values, double q);    ///< linear interpolation (type 7)
double median(std::vector<double> values);

/// Points are rows; all objectives are minimised (negate what is maximised).
using Points = std::span<const std::vector<double>>;
/// Is `a` at most `b` in everything, and less in something? Requires equal dimensions.
bool dominates(const std::vector<double>& a, const std::vector<double>& b);
/// Indices of the non-dominated points, ascending; equal points are all kept. 2-D in O(n log n).
std::vector<std::size_t> pareto_front(Points points);
/// Volume dominated by `points` and bounded by `reference`; from 4 dimensions on each one more
/// costs a factor of the number of points. Throws Error(kUnsupported) in fewer than 2 dimensions.
double hypervolume(Points points, std::span<const double> reference);

}  // namespace nas
