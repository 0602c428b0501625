#include <unistd.h>

#include <algorithm>

#include "app/session/space_text.h"
#include "app/study/study_engine.h"
#include "core/api/worker_registry.h"
#include "predictors/registry.h"

namespace nas {

namespace {

std::string key_of(const Evaluator::Info& evaluator, const std::string& text) {
  return evaluator.name + "\n" + evaluator.fidelity + "\n" + text;
}

/// `evaluator` at the fidelity of the trial's value; nullopt when it has none.
std::optional<Evaluator::Info> as_stored(const Evaluator::Info& evaluator, const TrialRow& trial) {
  const auto found = std::find_if(
      trial.metrics.begin(), trial.metrics.end(),
      [&](const MetricValue& metric) { return metric.name == evaluator.metrics.front(); });
  if (found == trial.metrics.end()) return std::nullopt;
  Evaluator::Info stored = evaluator;
  stored.fidelity = found->fidelity;
  return stored;
}

}  // namespace

SearchSetup searcher_setup(const SearchSpace& space, const StudyConfig& config,
                           const ScoreSource* scores) {
  SearchSetup setup{space,
                    {},
                    config.seed,
                    stable_hash(config.space.name + "/" + config.searcher.name),
                    config.budget_trials};
  for (const std::string& text : config.objectives)
    setup.objectives.push_back(parse_objective(text));
  if (needs_training(config)) setup.epochs = make_recipe(config.recipe).epochs;
  setup.predictors = make_predictor;
  setup.scores = scores;
  return setup;
}

EarlierResults::EarlierResults(const Store& store, const StudyRow& study, const StudyConfig& config,
                               const StudyPlan& plan) {
  constexpr int kWorthIt = 100;  // expense of a training
  std::vector<const Evaluator::Info*> worthy;
  for (const auto& evaluator : plan.evaluators) {
    const Evaluator::Info& info = evaluator->info();
    if (info.reusable && !info.device && info.expense >= kWorthIt) worthy.push_back(&info);
  }
  if (worthy.empty()) return;
  for (const StudyRow& other : store.studies()) {
    const bool same = other.id != study.id && other.created_us < study.created_us &&
                      other.spec.space == study.spec.space &&
                      other.spec.space_version == study.spec.space_version &&
                      other.spec.environment == study.spec.environment;
    if (!same ||
        !same_space(parse_study_config(other.spec.config, other.spec.name).space, config.space)) {
      continue;
    }
    const std::vector<std::int64_t> elsewhere = worker_registry(store).judged_elsewhere(other.id);
    for (const TrialRow& trial : store.trials(other.id)) {
      if (!trial.reused_from.empty() || trial.state != TrialState::kComplete) continue;
      if (std::ranges::binary_search(elsewhere, trial.number)) continue;
      for (const Evaluator::Info* info : worthy) {
        // At whatever fidelity the trial has: searchers may ask for shorter trainings.
        const std::optional<Evaluator::Info> stored = as_stored(*info, trial);
        auto metrics = stored ? metrics_of(trial.metrics, *stored) : std::nullopt;
        if (!metrics) continue;
        by_text_.emplace(key_of(*stored, trial.text),
                         Reusable{*std::move(metrics), "study '" + other.spec.name + "', trial " +
                                                           std::to_string(trial.number)});
      }
    }
  }
}

std::optional<Reusable> EarlierResults::find(const Candidate& candidate,
                                             const Evaluator::Info& evaluator) const {
  const auto found = by_text_.find(key_of(evaluator, candidate.text));
  if (found == by_text_.end()) return std::nullopt;
  return found->second;
}

}  // namespace nas
