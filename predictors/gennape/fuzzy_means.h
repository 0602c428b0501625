#pragma once

#include <cstddef>
#include <functional>

#include "core/util/rng.h"
#include "predictors/gennape/encoder.h"

namespace nas {

/// Fuzzy c-means (Bezdek 1981) as GENNAPE uses it: a point belongs to every cluster, by
///   U_ik = 1 / sum_j (d_ik^2 / d_ij^2)^(1 / (m - 1)),   v_k = sum_i U_ik^m x_i / sum_i U_ik^m.
/// A point on a centroid belongs to it alone, on several to each of them equally.
struct FuzzyMeans {
  CgMatrix<double> centroids;  ///< [clusters, width]
  double fuzzifier = 2;        ///< m, above 1

  /// [points, clusters]; rows sum to 1.
  CgMatrix<double> memberships(const CgMatrix<double>& points) const;
};

struct FuzzyMeansReport {
  int iterations = 0;
  double last_change = 0;  ///< largest change of a membership; converged at 1e-9
};

/// Alternates both formulas from centroids that are `clusters` different points, drawn far from
/// each other, until memberships change by 1e-9 at most, or `most_iterations`. Fewer distinct
/// points than clusters give as many clusters as there are. `each` is called before each iteration
/// and may throw.
FuzzyMeans fuzzy_means(const CgMatrix<double>& points, std::size_t clusters, double fuzzifier,
                       int most_iterations, Rng rng, const std::function<void()>& each,
                       FuzzyMeansReport* report = nullptr);

}  // namespace nas
