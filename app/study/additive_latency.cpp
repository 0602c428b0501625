#include "app/study/additive_latency.h"

#include <algorithm>

namespace nas {
namespace {

const SummedLatency* giver_of(const MetricKey& metric,
                              std::span<const std::unique_ptr<Evaluator>> evaluators) {
  for (const auto& evaluator : evaluators) {
    const Evaluator::Info& info = evaluator->info();
    const bool gives = info.device && info.device->name == metric.device &&
                       std::ranges::find(info.metrics, metric.name) != info.metrics.end();
    if (!gives) continue;
    if (const auto* summed = dynamic_cast<const SummedLatency*>(evaluator.get())) return summed;
  }
  return nullptr;
}

}  // namespace

std::vector<AdditiveLatency> additive_latencies(
    std::span<const std::unique_ptr<Evaluator>> evaluators, const StudyConfig& config) {
  std::vector<AdditiveLatency> latencies;
  const auto add = [&](const MetricKey& metric, double limit) {
    const auto known = std::ranges::find(latencies, metric.text(), &AdditiveLatency::metric);
    if (known != latencies.end()) return;
    const SummedLatency* giver = giver_of(metric, evaluators);
    if (giver == nullptr) return;
    latencies.push_back({metric.text(), limit, [giver] { return giver->additive_cost(); }});
  };
  for (const std::string& text : config.constraints) {
    const Constraint constraint = parse_constraint(text);
    const bool upper =
        constraint.relation == Relation::kLess || constraint.relation == Relation::kLessEqual;
    add(constraint.metric, upper ? constraint.bound : 0);
  }
  for (const std::string& text : config.objectives) {
    add(parse_metric(parse_objective(text).metric), 0);
  }
  return latencies;
}

}  // namespace nas
