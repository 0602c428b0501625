#include "app/study/study_trial.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <new>

#include "app/study/evaluators.h"
#include "app/study/from_choices.h"
#include "app/study/trial_clock.h"
#include "core/api/resumable_evaluator.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool equal(const std::optional<Device>& a, const std::optional<Device>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->name == b->name && a->settings == b->settings;
}

/// The networks of one candidate; evaluators with equal tasks share one.
class Networks {
 public:
  Networks(const SearchSpace& space, const Architecture& architecture)
      : space_(space), architecture_(architecture) {}

  const ArchGraph& get(const Task& task) {
    for (const auto& [known, graph] : built_) {
      if (known == task) return *graph;
    }
    built_.emplace_back(task, std::make_unique<ArchGraph>(space_.build(architecture_, task)));
    return *built_.back().second;
  }

 private:
  const SearchSpace& space_;
  const Architecture& architecture_;
  std::vector<std::pair<Task, std::unique_ptr<ArchGraph>>> built_;
};

/// Sums the excesses of all constraints whose metric is known, and says which are violated.
void judge(const StudyPlan& plan, TrialResult& result) {
  const MetricValues values = to_values(result.metrics);
  std::vector<std::string> reasons;
  result.violation = 0;
  for (const Constraint& constraint : plan.constraints) {
    const auto found = values.find(constraint.metric);
    if (found == values.end() || constraint.holds(found->second)) continue;
    result.violation += constraint.excess(found->second);
    reasons.push_back(constraint.metric.text() + " = " + format_short(found->second, 5) +
                      ", wanted " + to_string(constraint));
  }
  if (reasons.empty()) return;
  result.outcome = Outcome::kInfeasible;
  result.error = join(reasons, "; ");
}

void fail(TrialResult& result, const std::string& why) {
  result.outcome = Outcome::kFailed;
  result.error = why;
}

/// A complete trial has a finite value for every objective.
void check_objectives(const StudyPlan& plan, TrialResult& result) {
  const MetricValues values = to_values(result.metrics);
  for (const Objective& objective : plan.objectives) {
    const auto found = values.find(parse_metric(objective.metric));
    if (found == values.end()) {
      fail(result, objective.metric + " was not measured");
    } else if (!std::isfinite(found->second)) {
      fail(result, objective.metric + " is " + format_double(found->second));
    } else {
      continue;
    }
    return;
  }
}

EvalResult evaluate(const Evaluator& evaluator, const EvalRequest& request,
                    const TrialCheckpoint* checkpoint) {
  const auto* resumable = dynamic_cast<const ResumableEvaluator*>(&evaluator);
  if (checkpoint == nullptr || resumable == nullptr) return evaluator.evaluate(request);
  return resumable->resume(
      {request.architecture, request.graph, request.digest, checkpoint->progress, request.stop},
      checkpoint->file);
}

/// Of one evaluator; `stopped` when the clock or the search ended it.
EvalResult evaluate_timed(const Evaluator& evaluator, const Candidate& candidate,
                          const ArchGraph& graph, const TrialScene& scene, TrialClock& clock) {
  std::unique_lock alone(scene.quiet, std::defer_lock);
  std::shared_lock shared(scene.quiet, std::defer_lock);
  if (evaluator.info().exclusive) {
    alone.lock();
  } else {
    shared.lock();
  }
  EvalResult result;
  clock.run([&](const std::stop_token& stop) {
    const InterruptionScope scope(stop);
    try {
      result = evaluate(evaluator,
                        {candidate.architecture, graph, candidate.digest, no_progress(), stop},
                        scene.checkpoint);
    } catch (const Interrupted&) {
      result.stopped = true;
    }
  });
  return result;
}

bool gives_constraint(const StudyPlan& plan, const Evaluator::Info& info) {
  return std::any_of(plan.constraints.begin(), plan.constraints.end(), [&](const Constraint& one) {
    const bool device = !info.device || info.device->name == one.metric.device;
    return device && std::find(info.metrics.begin(), info.metrics.end(), one.metric.name) !=
                         info.metrics.end();
  });
}

/// Whether a network that violates a constraint already is read by this one too: nearest networks
/// are told by the sum of all excesses, so what is counted, looked up or predicted is added up to
/// the end. Scores, measurements and trainings are not begun.
bool completes_violation(const StudyPlan& plan, const Evaluator::Info& info) {
  constexpr int kPredictor = 5;  // its expense
  return info.expense <= kPredictor && !info.exclusive && gives_constraint(plan, info);
}

/// Adds what one evaluator gives. False where the trial ends with it.
bool run_evaluator(const StudyPlan& plan, const Evaluator& evaluator, const Candidate& candidate,
                   const TrialScene& scene, Networks& networks, TrialClock& clock,
                   TrialResult& result) {
  const Evaluator::Info& info = evaluator.info();
  if (std::optional<Reusable> known =
          info.reusable ? scene.reuse.find(candidate, info) : std::nullopt) {
    result.metrics.insert(result.metrics.end(), known->metrics.begin(), known->metrics.end());
    result.reused_from = known->from;
    return true;
  }
  EvalResult given = evaluate_timed(evaluator, candidate, networks.get(info.task), scene, clock);
  if (clock.expired() && !scene.stop.stop_requested()) {
    if (result.outcome == Outcome::kInfeasible) return false;
    fail(result, info.name + " was stopped: the trial took longer than its limit of " +
                     format_short(plan.trial_seconds) + " s (trial seconds)");
    return false;
  }
  if (given.stopped) {
    result.stopped = true;
    return false;
  }
  for (MetricValue& metric : given.metrics) metric.network = info.network;
  result.metrics.insert(result.metrics.end(), given.metrics.begin(), given.metrics.end());
  if (!given.curve.empty()) result.curve_network = info.network;
  result.curve.insert(result.curve.end(), given.curve.begin(), given.curve.end());
  return true;
}

void run_evaluators(const StudyPlan& plan, const Candidate& candidate, const TrialScene& scene,
                    TrialResult& result) {
  Networks networks(plan.space, candidate.architecture);
  TrialClock clock(plan.trial_seconds, scene.stop);
  for (const auto& usual : plan.evaluators) {
    const Evaluator& evaluator = evaluator_for(plan, *usual, candidate.epochs);
    const bool violated = result.outcome == Outcome::kInfeasible;
    if (violated && !completes_violation(plan, evaluator.info())) continue;
    try {
      if (!run_evaluator(plan, evaluator, candidate, scene, networks, clock, result)) return;
    } catch (const std::exception&) {
      if (!violated) throw;
      continue;  // a network that is too large stays so, whatever else cannot be told of it
    }
    judge(plan, result);
  }
  if (result.outcome == Outcome::kComplete) check_objectives(plan, result);
}

TrialState to_state(Outcome outcome) {
  switch (outcome) {
    case Outcome::kComplete:
      return TrialState::kComplete;
    case Outcome::kInfeasible:
      return TrialState::kInfeasible;
    case Outcome::kFailed:
      break;
  }
  return TrialState::kFailed;
}

}  // namespace

StudyPlan make_plan(Session& session, const StudyConfig& config, Measuring measuring) {
  const SearchSpace& space = session.space(config.space);
  StudyPlan plan{space,
                 network_text(space, study_task(session, config)),
                 {},
                 {},
                 make_evaluators(session, config, measuring)};
  for (const std::string& text : config.objectives) {
    plan.objectives.push_back(parse_objective(text));
  }
  for (const std::string& text : config.constraints) {
    plan.constraints.push_back(parse_constraint(text));
  }
  plan.trial_seconds = config.trial_seconds;
  plan.scores = std::make_unique<StudyScores>(session, config, StudyScores::Mode::kCompute);
  if (needs_training(config) && !session.problem(config.data)->record().fits_itself()) {
    const auto make = [space = &plan.space, problem = session.problem(config.data),
                       recipe = make_recipe(config.recipe)](std::int64_t epochs) {
      Recipe shorter = recipe;
      shorter.epochs = epochs;
      return make_training_evaluator(problem, shorter, *space);
    };
    plan.shorter =
        std::make_unique<ShorterTrainings>(make_recipe(config.recipe).epochs, std::move(make));
  }
  return plan;
}

const Evaluator& ShorterTrainings::of(std::int64_t epochs) {
  if (epochs < 1 || epochs > epochs_) {
    throw Error(ErrorKind::kUsage, "the searcher asks for a training of " + std::to_string(epochs) +
                                       " epochs, the recipe has " + std::to_string(epochs_));
  }
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Evaluator>& slot = made_[epochs];
  if (!slot) slot = make_(epochs);
  return *slot;
}

const Evaluator& evaluator_for(const StudyPlan& plan, const Evaluator& evaluator,
                               std::int64_t epochs) {
  const bool usual = epochs == 0 || !plan.shorter || epochs == plan.shorter->epochs();
  return usual || !evaluator.info().trains ? evaluator : plan.shorter->of(epochs);
}

TrialResult evaluate_candidate(const StudyPlan& plan, const Candidate& candidate,
                               const TrialScene& scene) {
  TrialResult result;
  if (!candidate.objection.empty()) {
    fail(result, candidate.objection);
    return result;
  }
  try {
    run_evaluators(plan, candidate, scene, result);
  } catch (const std::bad_alloc&) {
    fail(result, "out of memory");
  } catch (const std::exception& error) {
    fail(result, error.what());
  }
  return result;
}

std::function<double(const Architecture&)> quick_violation(const StudyPlan& plan) {
  constexpr int kQuick = 1;  // expense of a look-up
  std::vector<const Evaluator*> quick;
  for (const auto& evaluator : plan.evaluators) {
    const Evaluator::Info& info = evaluator->info();
    const bool needed = gives_constraint(plan, info);
    if (needed && info.expense <= kQuick && !info.exclusive) quick.push_back(evaluator.get());
  }
  if (quick.empty()) return {};
  return [&plan, quick](const Architecture& architecture) {
    TrialResult result;
    try {
      Networks networks(plan.space, architecture);
      for (const Evaluator* evaluator : quick) {
        const auto* table = dynamic_cast<const FromChoices*>(evaluator);
        EvalResult given =
            table != nullptr
                ? table->evaluate_choices(architecture)
                : evaluator->evaluate(
                      {architecture, networks.get(evaluator->info().task), {}, no_progress(), {}});
        result.metrics.insert(result.metrics.end(), given.metrics.begin(), given.metrics.end());
      }
    } catch (const Error&) {
      return 0.0;  // the trial will say why
    }
    judge(plan, result);
    return result.violation;
  };
}

TrialFinish to_finish(const ClaimedTrial& claim, const TrialResult& result, double seconds) {
  return {.claim = claim,
          .state = to_state(result.outcome),
          .metrics = result.metrics,
          .curve = result.curve,
          .curve_network = result.curve_network,
          .error = result.error,
          .reused_from = result.reused_from,
          .violation = result.violation,
          .seconds = seconds};
}

std::optional<std::string> other_training(const StudyPlan& plan, const TrialRow& row,
                                          std::int64_t epochs) {
  if (row.state != TrialState::kComplete) return std::nullopt;
  for (const auto& usual : plan.evaluators) {
    const Evaluator::Info& info = evaluator_for(plan, *usual, epochs).info();
    if (info.fidelity.empty() || metrics_of(row.metrics, info)) continue;
    return "trial " + std::to_string(row.number) + " is stored with another training than '" +
           info.fidelity + "'; start a study of another name";
  }
  return std::nullopt;
}

std::optional<std::vector<MetricValue>> metrics_of(const std::vector<MetricValue>& metrics,
                                                   const Evaluator::Info& evaluator) {
  std::vector<MetricValue> result;
  const auto same_network = [&evaluator](const MetricValue& metric) {
    return metric.network == evaluator.network ||
           (metric.network.empty() && !evaluator.fidelity.empty());
  };
  for (const std::string& name : evaluator.metrics) {
    const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const MetricValue& metric) {
      return metric.name == name && metric.fidelity == evaluator.fidelity &&
             equal(metric.device, evaluator.device) && same_network(metric);
    });
    if (found == metrics.end()) return std::nullopt;
    result.push_back(*found);
  }
  return result;
}

}  // namespace nas
