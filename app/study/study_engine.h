#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "app/study/study_jobs.h"
#include "app/study/study_trial.h"
#include "core/api/searcher.h"
#include "core/api/store.h"

namespace nas {

/// Values of exactly the same architecture text from other studies, for evaluators worth it
/// (training). Only what is certain to equal an evaluation here: same space and options, fidelity
/// and environment, made before this study.
class EarlierResults final : public ReuseSource {
 public:
  EarlierResults() = default;
  EarlierResults(const Store& store, const StudyRow& study, const StudyConfig& config,
                 const StudyPlan& plan);
  std::optional<Reusable> find(const Candidate& candidate,
                               const Evaluator::Info& evaluator) const override;

 private:
  std::map<std::string, Reusable, std::less<>> by_text_;
};

/// What a study's searcher is made for; `scores` may be null. Equal work draws equal random
/// numbers, whatever the study's name.
SearchSetup searcher_setup(const SearchSpace& space, const StudyConfig& config,
                           const ScoreSource* scores);

/// What the loop needs; everything outlives it.
struct EngineSetup {
  Store& store;
  const StudyPlan& plan;
  Searcher& searcher;  ///< fresh: `start` is called here
  const StudyRow& study;
  const StudyConfig& config;  ///< resolved
  const ReuseSource& earlier;
  ProgressSink& progress;
  std::stop_token stop;
};

enum class StopReason : std::uint8_t {
  kTrials,     ///< the budget of trials is spent
  kSeconds,    ///< the budget of time is spent
  kExhausted,  ///< the searcher has nothing more to propose
  kFailures,   ///< the first trials all failed
  kRequested,  ///< the stop token: the study is paused
};

struct EngineResult {
  StopReason reason = StopReason::kTrials;
  std::string text;  ///< one line for people
  std::int64_t replayed = 0;
  double seconds = 0;
};

/// Asks, evaluates and tells until a budget is spent; trials already in the store are replayed
/// instead of evaluated. Throws Error of the store or searcher (after all workers have ended) and
/// StudyLost.
EngineResult run_engine(const EngineSetup& setup);
/// The same, evaluated elsewhere than on threads of this process: equal rows.
EngineResult run_engine(const EngineSetup& setup, TrialPlace& place);

}  // namespace nas
