#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nas {

struct SignedRankTest {
  std::size_t pairs = 0;  ///< that differ; equal ones are left out
  double w_plus = 0;      ///< sum of the ranks of positive differences
  double p = 1;           ///< two-sided; 1 when no pair differs
  bool exact = true;      ///< by the exact distribution, else by the normal approximation
};

/// Wilcoxon's signed-rank test of a - b (Wilcoxon, 1945), ties by average ranks. Exact up to 50
/// pairs, given the ranks (also with ties); beyond that by the normal approximation with the
/// variance corrected for ties (Conover, Practical Nonparametric Statistics, 1999, section 5.7).
/// Requires a.size() == b.size() and no NaN (Error(kNumeric) otherwise).
SignedRankTest signed_rank_test(std::span<const double> a, std::span<const double> b);

struct RankSumTest {
  double u = 0;       ///< pairs (x of a, y of b) with x > y, ties counted half (Mann and Whitney)
  double p = 1;       ///< two-sided
  bool exact = true;  ///< by the exact distribution, else by the normal approximation
};

/// The rank-sum test of two samples that are not paired (Wilcoxon, 1945; Mann and Whitney, 1947),
/// ties by average ranks. Exact given the ranks for up to 60 values, beyond that by the normal
/// approximation with the variance corrected for ties. Throws Error(kNumeric) for NaN. Either
/// sample empty: p = 1.
RankSumTest rank_sum_test(std::span<const double> a, std::span<const double> b);

/// The least p-values that the tests can give, however clear the difference is.
double least_p_signed_rank(std::size_t pairs);
double least_p_rank_sum(std::size_t a, std::size_t b);

/// The level below which a corrected p-value counts as a difference.
inline constexpr double kSignificant = 0.05;
/// By test: no outcome of it could be below `kSignificant` after Holm's correction. `least`: the
/// least p-value of each.
std::vector<bool> too_few_to_tell(std::span<const double> least);

/// Holm's step-down correction for several tests (Scandinavian Journal of Statistics 6, 1979), in
/// the order given.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace nas
