#include "app/study/metric_catalogue.h"

#include <vector>

#include "app/study/cost_evaluator.h"
#include "app/study/latency_evaluator.h"
#include "app/study/mcu_origin.h"
#include "app/supernets/supernet_metrics.h"
#include "core/problems/data_kinds.h"

namespace nas {

std::span<const MetricInfo> metric_catalogue() {
  static const std::vector<MetricInfo> kCatalogue = [] {
    std::vector<MetricInfo> all;
    const std::span<const MetricInfo> of_subnets = kSupernetMetrics;
    for (const auto provided : {problem_metrics(), cost_metrics(), latency_metrics(),
                                energy_metrics(), mcu_metrics(), of_subnets}) {
      all.insert(all.end(), provided.begin(), provided.end());
    }
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
