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

/// Holm's step-down correction for several tests (Scandinavian Journal of Statistics 6, 1979), in
/// the order given.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace nas
