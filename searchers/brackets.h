#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/proposals.h"

namespace nas {

/// The ladder of epochs that multi-fidelity searchers climb: largest * eta^-k, cut to whole epochs,
/// from the smallest that is not below `smallest` up to `largest`. NAS-Bench-201: 1, 4, 12 (eta 3).
struct Fidelities {
  std::int64_t smallest = 1;
  std::int64_t largest = 12;  ///< 0: nothing is trained; then the ladder is one rung of 0 epochs
  double eta = 3;
};
/// floor(log_eta(largest / smallest)): how often the epochs can grow. Throws Error(kUsage) when
/// smallest > largest > 0.
std::int64_t most_halvings(const Fidelities& fidelities);
/// Ascending, most_halvings + 1 of them.
std::vector<std::int64_t> ladder(const Fidelities& fidelities);

/// One step of successive halving.
struct Rung {
  std::int64_t epochs = 0;
  std::size_t size = 0;  ///< configurations
  friend bool operator==(const Rung&, const Rung&) = default;
};
/// Starts `configurations` at the (halvings + 1)-th rung from the top of the ladder; each rung
/// keeps floor(n / eta) and never fewer than one.
std::vector<Rung> halving_rungs(const Fidelities& fidelities, std::int64_t halvings,
                                std::size_t configurations);
/// Bracket `halvings` of Hyperband (arXiv 1603.06560, algorithm 1): n = ceil((s_max + 1) / (s + 1)
/// * eta^s) configurations.
std::vector<Rung> hyperband_rungs(const Fidelities& fidelities, std::int64_t halvings);

/// Successive halving in progress. The state follows from the proposals and tells alone.
class Bracket {
 public:
  explicit Bracket(std::vector<Rung> rungs);

  struct Promotion {
    Architecture architecture;
    std::int64_t epochs = 0;
    std::int64_t from = 0;  ///< proposal of the rung below
  };
  /// The next member of a higher rung, once the rung below is complete.
  std::optional<Promotion> promotion() const;
  std::optional<std::int64_t> epochs_of_fresh() const;  ///< nullopt: the first rung is full
  bool contains(const Architecture& architecture) const;

  void add_fresh(std::int64_t number, const Architecture& architecture);
  /// Takes the waiting promotion of `architecture` to `epochs`; false when there is none.
  bool promote(std::int64_t number, const Architecture& architecture, std::int64_t epochs);
  /// False for a proposal of another bracket.
  bool tell(std::int64_t number, const Fitness& fitness);
  bool finished() const;

 private:
  struct Member {
    std::int64_t number = 0;
    Architecture architecture;
    std::optional<Fitness> fitness;
  };
  struct Level {
    Rung rung;
    std::vector<Member> members;
    std::vector<Promotion> waiting;  ///< members to be, best first
  };
  void fill_next(std::size_t level);

  std::vector<Level> levels_;
};

/// Searchers that run one bracket after the other. While a bracket waits for tells the next one
/// begins, as workers must not idle.
class BracketSearcher : public Searcher {
 public:
  void start(const SearchSetup& setup) override;
  std::optional<Proposal> ask(std::int64_t number) override;
  void tell(const Told& told) override;

 protected:
  /// Rungs of bracket `index`; nullopt: there are no more.
  virtual std::optional<std::vector<Rung>> plan(std::int64_t index) const = 0;
  /// A configuration for a first rung; `bracket` has those it already holds.
  virtual Proposal fresh(const Bracket& bracket, Rng& rng) const;
  virtual void learn(const Told& told, const Fitness& fitness);
  virtual void prepare(const SearchSetup& setup) = 0;

  const Proposals& proposals() const { return *proposals_; }

 private:
  bool open_bracket();
  void place(std::int64_t number, const Architecture& architecture, std::int64_t epochs);

  std::optional<Proposals> proposals_;
  bool trains_ = false;
  std::int64_t opened_ = 0;               ///< brackets so far
  std::map<std::int64_t, Bracket> open_;  ///< unfinished ones by index
  std::int64_t placed_ = -1;              ///< the latest proposal that has its place
};

}  // namespace nas
