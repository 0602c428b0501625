#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "core/api/search_space.h"

namespace nas {

/// "maximize accuracy", "minimize latency_ms@host".
struct Objective {
  std::string metric;
  bool maximize = true;
};

/// What became of a proposal.
enum class Outcome : std::uint8_t {
  kComplete,    ///< all objectives have values
  kInfeasible,  ///< a constraint does not hold; objectives may be missing
  kFailed,      ///< could not be built, trained or judged
};

/// A finished proposal as a searcher sees it.
struct Told {
  std::int64_t number;  ///< of the proposal
  const Architecture& architecture;
  Outcome outcome;
  /// One value an objective, turned so that larger is better; empty unless kComplete.
  std::span<const double> merits;
  /// How far the constraints are missed, as a sum of relative excesses; 0 when feasible.
  double violation = 0;
  std::int64_t epochs = 0;  ///< as proposed
};

struct Proposal {
  Architecture architecture;
  std::string reason;  ///< short, for people: "random", "mutation of trial 12"
  /// Epochs to train and judge it for, at most SearchSetup::epochs; 0: the study's own recipe.
  std::int64_t epochs = 0;
};

/// What a searcher is made for.
struct SearchSetup {
  const SearchSpace& space;
  std::vector<Objective> objectives;
  std::uint64_t seed = 0;
  std::uint64_t study = 0;  ///< key of the study's random streams
  std::int64_t budget_trials = 0;
  /// Of the study's recipe; 0: nothing is trained, so that fidelities make no sense.
  std::int64_t epochs = 0;
  PredictorFactory predictors{};  ///< empty: no predictors here
  /// Null: no zero-cost scores here. Outlives the searcher.
  const ScoreSource* scores = nullptr;
  /// How far an architecture misses the constraints that can be checked without an evaluation, as
  /// `Told::violation`; 0 where it holds them. Empty: there are none, or they need evaluations.
  std::function<double(const Architecture&)> violation{};
};

/// A black-box searcher: a deterministic function of (setup, tells so far). It never sees the
/// store, and has no state to save: a study resumes by replaying its tells. Not thread-safe; the
/// study engine calls it from one thread at a time.
///
/// The engine tells in order of proposal number, and asks for proposal n as soon as the tells of
/// all proposals up to n - workers have been given; so results do not depend on timing.
class Searcher {
 public:
  virtual ~Searcher() = default;
  /// Called once, before everything else.
  virtual void start(const SearchSetup& setup) = 0;
  /// nullopt: the searcher has nothing more to propose (space exhausted, converged).
  virtual std::optional<Proposal> ask(std::int64_t number) = 0;
  virtual void tell(const Told& told) = 0;
};

}  // namespace nas
