#include "app/study/evaluators.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "app/scoring/proxy_evaluator.h"
#include "app/scoring/scoring.h"
#include "app/study/cost_evaluator.h"
#include "app/study/device_origin.h"
#include "app/study/latency_evaluator.h"
#include "app/study/metric_origin.h"
#include "app/study/study_scores.h"
#include "core/problems/circuit_problem.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/latency.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"

namespace nas {
namespace {

std::unique_ptr<Evaluator> make_cost(Session& session, const StudyConfig& config) {
  return make_cost_evaluator(session.space(config.space), study_task(session, config));
}

std::unique_ptr<Evaluator> make_latency(Session& session, const StudyConfig& config) {
  return make_latency_evaluator(make_host_latency_model(),
                                host_device(config.latency_batch, config.latency_threads),
                                session.space(config.space), study_task(session, config));
}

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

/// A way to values of an architecture: what it gives, and how a study makes it.
struct EvaluatorKind {
  std::span<const MetricInfo> (*metrics)();
  std::unique_ptr<Evaluator> (*make)(Session& session, const StudyConfig& config);
  bool always = false;  ///< also where objectives and constraints name no metric of it
};
// A metric is given by the first that has its name: "params" is a cost, and a proxy as well.
constexpr EvaluatorKind kKinds[] = {
    {cost_metrics, make_cost, true},  // takes no time, and every report shows it
    {latency_metrics, make_latency},
    {problem_metrics, make_quality},
    {proxy_metrics, make_proxies},
};

bool gives(const EvaluatorKind& kind, std::string_view metric) {
  const std::span<const MetricInfo> given = kind.metrics();
  return std::any_of(given.begin(), given.end(),
                     [metric](const MetricInfo& info) { return info.name == metric; });
}

const EvaluatorKind& kind_of(std::string_view metric) {
  for (const EvaluatorKind& kind : kKinds) {
    if (gives(kind, metric)) return kind;
  }
  NAS_CHECK(false, "a metric that nothing gives");
  return kKinds[0];
}

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
  std::set<const EvaluatorKind*> needed;
  for (const MetricKey& metric : metrics_without_origin(config)) {
    needed.insert(&kind_of(metric.name));
  }
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  for (const EvaluatorKind& kind : kKinds) {
    if (kind.always || needed.contains(&kind)) evaluators.push_back(kind.make(session, config));
  }
  for (const std::string& text : config.origins) {
    const MetricOrigin origin = parse_origin(text);
    const bool elsewhere = measuring == Measuring::kByWorkers && origin.kind == "measured";
    const auto make = elsewhere ? make_distant_evaluator : make_origin_evaluator;
    evaluators.push_back(
        make(session, session.space(config.space), study_task(session, config), origin));
  }
  std::stable_sort(evaluators.begin(), evaluators.end(), [](const auto& a, const auto& b) {
    return a->info().expense < b->info().expense;
  });
  return evaluators;
}

}  // namespace nas
