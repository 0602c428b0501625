#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "app/session/candidate.h"
#include "app/session/session.h"
#include "app/study/constraint.h"
#include "app/study/evaluators.h"
#include "app/study/study_config.h"
#include "app/study/study_scores.h"
#include "core/api/evaluation.h"

namespace nas {

/// The study's training for fewer epochs, for searchers that stop trainings early. Safe from
/// several threads.
class ShorterTrainings {
 public:
  using Make = std::function<std::unique_ptr<Evaluator>(std::int64_t epochs)>;
  /// `epochs`: of the study's recipe.
  ShorterTrainings(std::int64_t epochs, Make make) : epochs_(epochs), make_(std::move(make)) {}
  std::int64_t epochs() const { return epochs_; }
  /// Made once. Throws Error(kUsage) for more epochs than the recipe has.
  const Evaluator& of(std::int64_t epochs);

 private:
  std::int64_t epochs_;
  Make make_;
  std::mutex mutex_;
  std::map<std::int64_t, std::unique_ptr<Evaluator>> made_;
};

/// What all trials of a study have in common.
struct StudyPlan {
  const SearchSpace& space;
  std::string network;  ///< text of the one that sizes and latency are judged of
  std::vector<Objective> objectives;
  std::vector<Constraint> constraints;
  std::vector<std::unique_ptr<Evaluator>> evaluators;  ///< cheapest first; of the study's recipe
  std::unique_ptr<ShorterTrainings> shorter{};         ///< null when nothing is trained
  std::unique_ptr<StudyScores> scores{};               ///< of untrained networks; may be null
  double trial_seconds = 0;                            ///< as in StudyConfig
};
/// What judges a proposal of `epochs` (0: the recipe's) in the place of `evaluator`.
const Evaluator& evaluator_for(const StudyPlan& plan, const Evaluator& evaluator,
                               std::int64_t epochs);
/// Requires a resolved configuration.
StudyPlan make_plan(Session& session, const StudyConfig& config,
                    Measuring measuring = Measuring::kHere);

/// Values that an evaluator would give, known from before, and from where.
struct Reusable {
  std::vector<MetricValue> metrics;
  std::string from;  ///< "trial 12 (equal digest)"
};
class ReuseSource {
 public:
  virtual ~ReuseSource() = default;
  virtual std::optional<Reusable> find(const Candidate& candidate,
                                       const Evaluator::Info& evaluator) const = 0;
};

/// What became of a candidate.
struct TrialResult {
  Outcome outcome = Outcome::kComplete;
  std::vector<MetricValue> metrics;
  std::vector<CurvePoint> curve;
  std::string curve_network;  ///< text of the network that `curve` was recorded of
  std::string error;          ///< why failed or infeasible
  std::string reused_from;
  double violation = 0;
  bool stopped = false;  ///< the stop token ended it: nothing to record
};

/// Where a trial that trains keeps its state, so that another process can resume it.
struct TrialCheckpoint {
  std::filesystem::path file;  ///< read first, written after every epoch
  ProgressSink& progress;      ///< hears of every step
};

/// What surrounds an evaluation.
struct TrialScene {
  const ReuseSource& reuse;
  std::shared_mutex& quiet;  ///< of this process
  std::stop_token stop;
  const TrialCheckpoint* checkpoint = nullptr;  ///< null: an interrupted training begins anew
};

/// Runs the evaluators, cheapest first, and stops at the first violated constraint. Evaluators that
/// must run alone hold `quiet` exclusively, the others share it. Throws nothing of an evaluator's:
/// that is a failed trial, and so is one that reaches the plan's time limit.
TrialResult evaluate_candidate(const StudyPlan& plan, const Candidate& candidate,
                               const TrialScene& scene);

/// How far an architecture misses the constraints whose metrics cost next to nothing (sizes, tables
/// of latencies); an architecture that cannot be judged misses none. Empty where no constraint is
/// of such a metric. Safe from several threads; `plan` must outlive it.
std::function<double(const Architecture&)> quick_violation(const StudyPlan& plan);

/// As the store takes it.
TrialFinish to_finish(const ClaimedTrial& claim, const TrialResult& result, double seconds);

/// Why a stored trial is not one of a proposal of `epochs`: it was trained otherwise. nullopt when
/// it fits.
std::optional<std::string> other_training(const StudyPlan& plan, const TrialRow& row,
                                          std::int64_t epochs);

/// The metrics among `metrics` that this evaluator would give (names, fidelity, device and network
/// agree; an unknown network agrees with the one that a fidelity describes), or nullopt when one is
/// missing.
std::optional<std::vector<MetricValue>> metrics_of(const std::vector<MetricValue>& metrics,
                                                   const Evaluator::Info& evaluator);

}  // namespace nas
