#include "app/study/study_check.h"

#include <memory>
#include <optional>

#include "app/study/evaluators.h"
#include "app/study/study_engine.h"
#include "app/study/study_preparation.h"
#include "app/study/study_scores.h"
#include "app/study/winner.h"
#include "core/runtime/cpu_features.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// This many architectures have to be refused before the space counts as refused.
constexpr int kSamples = 8;

/// Throws what building says when none of a few drawn architectures can be built for `task`.
void check_buildable(const SearchSpace& space, const Task& task, std::uint64_t seed,
                     std::string_view what) {
  Rng rng({.seed = seed, .study = stable_hash("study_check")});
  std::optional<Error> refusal;
  for (int i = 0; i < kSamples; ++i) {
    try {
      space.build(sample(space, rng), task);
      return;
    } catch (const Error& error) {
      if (!refusal) refusal = error;
    }
  }
  throw Error(refusal->kind(), "no network of space '" + space.info().name + "' can be built for " +
                                   std::string(what) + ": " + refusal->what());
}

/// What a training refuses at its first step, whatever the network.
void check_training(const Problem& problem, const Recipe& recipe, std::string_view what) {
  try {
    if (const auto* fitted = dynamic_cast<const FittedProblem*>(&problem)) {
      return fitted->check_recipe(recipe);
    }
    if (recipe.optimizer == "lbfgs" || recipe.optimizer == "spsa") {
      throw Error(ErrorKind::kUsage, "optimizer = " + recipe.optimizer +
                                         " fits quantum circuits only, not " +
                                         std::string(problem.record().samples));
    }
    if (recipe.precision == "bfloat16" && !has_native_bfloat16()) {
      throw Error(ErrorKind::kUnsupported,
                  "precision = bfloat16: this processor has neither AVX512_BF16 nor AMX");
    }
    const TrainSplit split = problem.split(recipe);
    const std::string samples(problem.record().samples);
    if (split.train.empty()) {
      throw Error(ErrorKind::kUsage, "no training " + samples + " are left");
    }
    if (recipe.validation_fraction > 0 && split.validation.empty()) {
      throw Error(ErrorKind::kUsage, "no " + samples + " are left to judge a training by");
    }
  } catch (const Error& error) {
    throw error.with_context(what);
  }
}

}  // namespace

void check_study(Session& session, const StudyConfig& config, Measuring measuring) {
  const SearchSpace& space = session.space(config.space);
  const Task deployed = study_task(session, config);
  check_buildable(space, deployed, config.seed, "what the winner is to be");
  const std::vector<std::unique_ptr<Evaluator>> evaluators =
      make_evaluators(session, config, measuring);
  for (const auto& evaluator : evaluators) {
    check_buildable(space, evaluator->info().task, config.seed,
                    "the evaluator '" + evaluator->info().name + "'");
  }
  if (needs_training(config)) {
    check_training(*session.problem(config.data), make_recipe(config.recipe), "recipe");
  }
  if (config.train_winner && !config.data.empty()) {
    check_training(*session.problem(config.data), make_recipe(config.final_recipe, "final recipe"),
                   "final recipe");
    check_can_write(session.models_directory() /
                    (file_stem(config.name) +
                     std::string(model_ending(session.problem(config.data)->record()))));
  }
  const StudyScores scores(session, config, StudyScores::Mode::kCheck);
  const std::unique_ptr<Searcher> searcher = session.searcher(config.searcher);
  searcher->start(searcher_setup(space, config, &scores));
  check_preparation(session, config, *searcher, evaluators);
}

}  // namespace nas
