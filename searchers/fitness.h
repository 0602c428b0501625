#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/api/searcher.h"

namespace nas {

/// How good a finished proposal is.
struct Fitness {
  Outcome outcome = Outcome::kFailed;
  double violation = 0;        ///< kInfeasible: how far the constraints are missed
  std::vector<double> merits;  ///< kComplete: larger is better
};

/// A proposal with a NaN merit counts as failed.
Fitness fitness_of(const Told& told);

/// Constraint domination (Deb et al., NSGA-II, 2002, section VI): complete before infeasible before
/// failed; of two infeasible ones the smaller violation; of two complete ones the one that is
/// nowhere worse and somewhere better. With one objective that is the larger merit. A strict
/// partial order.
bool better(const Fitness& a, const Fitness& b);

/// A member's place among others: smaller rank first, then larger crowding distance.
struct Standing {
  std::size_t rank = 0;  ///< 0 = nobody is better; peeled front by front (NSGA-II, section III.A)
  /// NSGA-II, section III.B; infinite at the ends of a front; 0 with one objective.
  double crowding = 0;
};
bool ahead(const Standing& a, const Standing& b);

/// Cost: O(n^2) comparisons; O(n log n) with one objective.
std::vector<Standing> standings(std::span<const Fitness> members);

/// Indices of the members, best first by `standings`; equal ones in their given order.
std::vector<std::size_t> best_first(std::span<const Fitness> members);

}  // namespace nas
