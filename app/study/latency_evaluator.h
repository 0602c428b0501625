#pragma once

#include <memory>
#include <span>

#include "core/api/latency_model.h"
#include "core/api/metric_info.h"

namespace nas {

std::span<const MetricInfo> latency_metrics();
/// Nothing here measures energy: it comes from a table or a model.
std::span<const MetricInfo> energy_metrics();

/// "latency": latency_ms on `device` by `model`.
std::unique_ptr<Evaluator> make_latency_evaluator(std::unique_ptr<LatencyModel> model,
                                                  const Device& device, const SearchSpace& space,
                                                  const Task& task);

}  // namespace nas
