#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/proposals.h"

namespace nas {

struct Individual {
  std::int64_t number;  ///< of its proposal
  Architecture architecture;
  Fitness fitness;
};

/// Parents and children that compete for the next generation. The generations follow from the
/// tells: whenever as many children were told as there are places, the best of parents and children
/// by rank, then crowding, are the parents of what is asked for next. Failed ones leave nothing.
class ElitistPopulation {
 public:
  explicit ElitistPopulation(std::size_t places) : places_(places) {}

  void add(const Told& told);
  /// Best first; empty before the first generation is complete, and where it failed whole.
  const std::vector<Individual>& parents() const { return parents_; }
  /// The better of two parents drawn with replacement; a tie goes to the first drawn. Requires
  /// parents.
  const Individual& winner(Rng& rng) const;

 private:
  void select();

  std::size_t places_;
  std::vector<Individual> parents_;
  std::vector<Standing> standings_;   // of the parents
  std::vector<Individual> children_;  // told since the last selection
};

/// The first of a hundred children that is valid and, unless `repeats`, not proposed yet.
std::optional<Proposal> valid_child(const Proposals& proposals, bool repeats,
                                    const std::function<Proposal()>& make_child);

}  // namespace nas
