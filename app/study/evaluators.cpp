#include "app/study/evaluators.h"

#include <algorithm>
#include <set>
#include <string>

#include "app/scoring/proxy_evaluator.h"
#include "app/scoring/scoring.h"
#include "app/study/metric_origin.h"
#include "app/study/study_scores.h"
#include "core/runtime/latency.h"
#include "core/runtime/trainer.h"

namespace nas {
namespace {

class CostEvaluator final : public Evaluator {
 public:
  CostEvaluator(const SearchSpace& space, const Task& task) : space_(space.info()) {
    info_.name = "cost";
    info_.metrics = {"params", "macs", "activation_bytes"};
    info_.reusable = false;
    info_.task = task;
    info_.network = network_text(space, task);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const GraphCost cost = graph_cost(request.graph);
    const auto value = [](std::string_view name, std::int64_t number) {
      return MetricValue{std::string(name), static_cast<double>(number), MetricSource::kComputed,
                         "", std::nullopt};
    };
    EvalResult result;
    result.metrics = {value("params", cost.params), value("macs", published_macs(space_, cost)),
                      value("activation_bytes", activation_memory(request.graph).peak_bytes)};
    return result;
  }

 private:
  SpaceInfo space_;
  Info info_;
};

class LatencyEvaluator final : public Evaluator {
 public:
  LatencyEvaluator(std::unique_ptr<LatencyModel> model, const Device& device,
                   const SearchSpace& space, const Task& task)
      : model_(std::move(model)) {
    info_.name = "latency";
    info_.metrics = {"latency_ms"};
    info_.expense = 10;
    info_.exclusive = model_->info().exclusive;
    info_.task = task;
    info_.network = network_text(space, task);
    info_.device = device;
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const LatencyEstimate estimate = model_->estimate(request.graph, *info_.device);
    EvalResult result;
    result.metrics = {
        {"latency_ms", estimate.milliseconds, model_->info().source, "", info_.device}};
    return result;
  }

 private:
  std::unique_ptr<LatencyModel> model_;
  Info info_;
};

/// The proxies whose scores objectives and constraints name, each once, by name.
std::vector<ProxyChoice> needed_proxies(const StudyConfig& config) {
  std::set<std::string> names;
  for (const MetricKey& metric : named_metrics(config)) {
    if (provider_of(config, metric) == MetricProvider::kProxy) {
      names.insert(proxy_of_metric(metric.name));
    }
  }
  std::vector<ProxyChoice> choices;
  for (const std::string& name : names) choices.push_back(proxy_choice(config.scores, name));
  return choices;
}

}  // namespace

std::unique_ptr<Evaluator> make_cost_evaluator(const SearchSpace& space, const Task& task) {
  return std::make_unique<CostEvaluator>(space, task);
}

std::unique_ptr<Evaluator> make_latency_evaluator(std::unique_ptr<LatencyModel> model,
                                                  const Device& device, const SearchSpace& space,
                                                  const Task& task) {
  return std::make_unique<LatencyEvaluator>(std::move(model), device, space, task);
}

Task study_task(Session& session, const StudyConfig& config) {
  const SearchSpace& space = session.space(config.space);
  if (config.data.empty()) return space.info().default_task;
  return task_for(space, *session.dataset(config.data), make_recipe(config.final_recipe, "final"));
}

std::vector<std::unique_ptr<Evaluator>> make_evaluators(Session& session,
                                                        const StudyConfig& config) {
  const SearchSpace& space = session.space(config.space);
  const Task task = study_task(session, config);
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  // Costs are always recorded: they are free, and every report shows them.
  evaluators.push_back(make_cost_evaluator(space, task));
  if (needs_latency(config)) {
    evaluators.push_back(make_latency_evaluator(
        make_host_latency_model(), host_device(config.latency_batch, config.latency_threads), space,
        task));
  }
  for (const std::string& text : config.origins) {
    evaluators.push_back(make_origin_evaluator(session, space, task, parse_origin(text)));
  }
  if (needs_proxies(config)) {
    const std::vector<ProxyChoice> proxies = needed_proxies(config);
    evaluators.push_back(make_proxy_evaluator(make_engine(session, scoring_choice(config, proxies)),
                                              proxies, space,
                                              scoring_task(session, space, config.scores.data)));
  }
  if (needs_training(config)) {
    evaluators.push_back(make_training_evaluator(session.dataset(config.data),
                                                 make_recipe(config.recipe, "recipe"), space));
  }
  std::stable_sort(evaluators.begin(), evaluators.end(), [](const auto& a, const auto& b) {
    return a->info().expense < b->info().expense;
  });
  return evaluators;
}

}  // namespace nas
