#include "tests/app/study/study_testing.h"

#include "app/study/cost_evaluator.h"
#include "app/study/evaluators.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas::test {

StudyConfig cheap_config(std::int64_t trials, std::int64_t workers) {
  StudyConfig config;
  config.name = "cheap";
  config.space.name = "nasbench201";
  config.searcher = {"evolution", {{"population", "6"}, {"repeats", "true"}}};
  config.objectives = {"minimize params", "maximize macs"};
  config.budget_trials = trials;
  config.workers = workers;
  return config;
}

std::vector<std::string> study_lines(const Store& store, std::string_view name) {
  const StudyRow study = find_study_or_throw(store, name);
  std::vector<std::string> lines{"state " + to_string(study.state)};
  for (const TrialRow& trial : store.trials(study.id)) {
    std::string line = std::to_string(trial.number) + " " + to_string(trial.state) + " " +
                       trial.text + " " + to_hex(trial.digest) + " (" + trial.reason + ") [" +
                       trial.error + "] from '" + trial.reused_from + "' " +
                       format_double(trial.violation);
    for (const MetricValue& metric : trial.metrics) {
      line += " " + metric.name + "=" + format_double(metric.value);
    }
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> lines_of_fresh_run(const StudyConfig& config) {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  run_study(session, config);
  return study_lines(session.reader(), config.name);
}

FakeTraining::FakeTraining(Function function, std::string fidelity)
    : function_(std::move(function)) {
  info_.name = "training";
  info_.metrics = {"accuracy"};
  info_.expense = 100;
  info_.trains = true;
  info_.fidelity = std::move(fidelity);
}

EvalResult FakeTraining::evaluate(const EvalRequest& request) const {
  ++calls_;
  const double value =
      function_ ? function_(request) : static_cast<double>(request.digest.words[0] % 10'000) / 100;
  EvalResult result;
  result.metrics = {{"accuracy", value, MetricSource::kMeasured, info_.fidelity, std::nullopt}};
  return result;
}

EngineRun run_with(Session& session, const StudyConfig& given,
                   std::vector<std::unique_ptr<Evaluator>> evaluators, Searcher* given_searcher) {
  const StudyConfig config = resolve(given);
  const SearchSpace& space = session.space(config.space);
  StudyPlan plan{space, {}, {}, {}};
  for (const std::string& text : config.objectives)
    plan.objectives.push_back(parse_objective(text));
  for (const std::string& text : config.constraints) {
    plan.constraints.push_back(parse_constraint(text));
  }
  plan.evaluators.push_back(make_cost_evaluator(space, space.info().default_task));
  for (auto& evaluator : evaluators) plan.evaluators.push_back(std::move(evaluator));
  plan.trial_seconds = config.trial_seconds;
  const std::int64_t epochs = make_recipe(config.recipe).epochs;
  plan.shorter = std::make_unique<ShorterTrainings>(epochs, [epochs](std::int64_t fewer) {
    const auto accuracy = [missing = epochs - fewer](const EvalRequest& request) {
      return static_cast<double>(request.digest.words[0] % 10'000) / 100 -
             static_cast<double>(missing);
    };
    return std::make_unique<FakeTraining>(accuracy, "fake; epochs=" + std::to_string(fewer));
  });
  Store& store = session.writer();
  StudySpec spec;
  spec.name = config.name;
  spec.space = config.space.name;
  spec.space_version = space.info().version;
  spec.searcher = config.searcher.name;
  spec.config = to_toml(config);
  spec.budget_trials = config.budget_trials;
  spec.objectives = plan.objectives;
  const std::optional<StudyRow> found = store.find_study(config.name);
  const StudyRow study = found ? *found : store.create_study(spec);
  const EarlierResults earlier(store, study, config, plan);
  const std::unique_ptr<Searcher> searcher = session.searcher(config.searcher);
  EngineRun run;
  run.result = run_engine({store, plan, given_searcher != nullptr ? *given_searcher : *searcher,
                           study, config, earlier, session.progress(), session.stop()});
  run.trials = store.trials(study.id);
  return run;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace nas::test
