#pragma once

#include <cstdint>
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

/// The loop of every search that breeds from an ElitistPopulation: random proposals until there are
/// parents, then children. What a child is, is the searcher's own.
class ElitistSearcher : public Searcher {
 public:
  /// `repeats`: children may equal earlier proposals; otherwise they are made again.
  ElitistSearcher(std::int64_t places, bool repeats)
      : population_(static_cast<std::size_t>(places)), repeats_(repeats) {}

  void start(const SearchSetup& setup) override { proposals_.emplace(setup); }
  std::optional<Proposal> ask(std::int64_t number) override;
  void tell(const Told& told) override;

 protected:
  /// May be invalid: then another one is asked for.
  virtual Proposal child(const ElitistPopulation& population, Rng& rng) const = 0;
  const Proposals& proposals() const { return *proposals_; }

 private:
  std::optional<Proposal> valid_child(Rng& rng) const;

  ElitistPopulation population_;
  bool repeats_;
  std::optional<Proposals> proposals_;
};

}  // namespace nas
