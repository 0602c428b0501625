#include "app/study/metric_catalogue.h"

#include <vector>

#include "app/study/evaluator_kind.h"
#include "app/study/latency_evaluator.h"
#include "app/study/mcu_origin.h"
#include "app/supernets/supernet_metrics.h"
#include "core/problems/data_kinds.h"

namespace nas {

std::span<const MetricInfo> metric_catalogue() {
  static const std::vector<MetricInfo> kCatalogue = [] {
    std::vector<MetricInfo> all;
    const auto add = [&all](std::span<const MetricInfo> metrics) {
      all.insert(all.end(), metrics.begin(), metrics.end());
    };
    add(problem_metrics());
    for (const EvaluatorKind* kind : evaluator_kinds()) add(kind->metrics);
    add(energy_metrics());
    add(mcu_metrics());
    add(kSupernetMetrics);
    return all;
  }();
  return kCatalogue;
}

const MetricInfo* find_in_catalogue(std::string_view name) {
  for (const MetricInfo& metric : metric_catalogue()) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

const MetricInfo& first_metric(std::string_view data_spec) {
  return data_kind(data_spec).problem->metrics.front();
}

}  // namespace nas
