#include "app/study/evaluators.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "app/scoring/proxy_evaluator.h"
#include "app/scoring/scoring.h"
#include "app/study/device_origin.h"
#include "app/study/evaluator_kind.h"
#include "app/study/metric_origin.h"
#include "app/study/study_scores.h"
#include "core/problems/circuit_problem.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/latency.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// Of the proxies whose scores objectives and constraints name, each once, by name.
std::unique_ptr<Evaluator> make_proxies(Session& session, const StudyConfig& config) {
  std::set<std::string> names;
  for (const MetricKey& metric : metrics_without_origin(config)) {
    if (metric_info(metric.name).role == MetricRole::kScore) {
      names.insert(proxy_of_metric(metric.name));
    }
  }
  std::vector<ProxyChoice> proxies;
  for (const std::string& name : names) proxies.push_back(proxy_choice(config.scores, name));
  const SearchSpace& space = session.space(config.space);
  return make_proxy_evaluator(make_engine(session, scoring_choice(config, proxies)), proxies, space,
                              scoring_task(session, space, config.scores.data));
}

std::unique_ptr<Evaluator> make_quality(Session& session, const StudyConfig& config) {
  return make_quality_evaluator(session.problem(config.data), make_recipe(config.recipe),
                                session.space(config.space));
}

bool gives(std::span<const MetricInfo> metrics, std::string_view metric) {
  return std::any_of(metrics.begin(), metrics.end(),
                     [metric](const MetricInfo& info) { return info.name == metric; });
}

/// What gives the metrics that a study names: the first that has one. "params" is a cost, and a
/// proxy as well.
struct Needed {
  std::set<const EvaluatorKind*> kinds;
  bool quality = false, proxies = false;

  void add(std::string_view metric) {
    for (const EvaluatorKind* kind : evaluator_kinds()) {
      if (!gives(kind->metrics, metric)) continue;
      kinds.insert(kind);
      return;
    }
    const bool of_problem = gives(problem_metrics(), metric);
    NAS_CHECK(of_problem || gives(proxy_metrics(), metric), "a metric that nothing gives");
    (of_problem ? quality : proxies) = true;
  }
};

}  // namespace

std::unique_ptr<Evaluator> make_quality_evaluator(const std::shared_ptr<const Problem>& problem,
                                                  const Recipe& recipe, const SearchSpace& space) {
  return problem->record().fits_itself() ? make_fit_evaluator(problem, recipe, space)
                                         : make_training_evaluator(problem, recipe, space);
}

Task study_task(Session& session, const StudyConfig& config) {
  const SearchSpace& space = session.space(config.space);
  if (config.data.empty()) return space.info().default_task;
  return task_for(space, *session.problem(config.data), make_recipe(config.final_recipe, "final"));
}

std::vector<std::unique_ptr<Evaluator>> make_evaluators(Session& session, const StudyConfig& config,
                                                        Measuring measuring) {
  Needed needed;
  for (const MetricKey& metric : metrics_without_origin(config)) needed.add(metric.name);
  const EvaluatorSetup setup{session.space(config.space), study_task(session, config),
                             host_device(config.latency_batch, config.latency_threads)};
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  for (const EvaluatorKind* kind : evaluator_kinds()) {
    if (kind->always || needed.kinds.contains(kind)) evaluators.push_back(kind->make(setup));
  }
  if (needed.quality) evaluators.push_back(make_quality(session, config));
  if (needed.proxies) evaluators.push_back(make_proxies(session, config));
  for (const std::string& text : config.origins) {
    const MetricOrigin origin = parse_origin(text);
    const bool elsewhere = measuring == Measuring::kByWorkers && origin.kind == "measured";
    const auto make = elsewhere ? make_distant_evaluator : make_origin_evaluator;
    evaluators.push_back(make(session, setup.space, setup.task, origin));
  }
  std::stable_sort(evaluators.begin(), evaluators.end(), [](const auto& a, const auto& b) {
    return a->info().expense < b->info().expense;
  });
  return evaluators;
}

}  // namespace nas
