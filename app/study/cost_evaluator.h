#pragma once

#include <memory>
#include <span>

#include "core/api/evaluation.h"
#include "core/api/metric_info.h"

namespace nas {

std::span<const MetricInfo> cost_metrics();

/// "cost": params, macs (the space's published convention), activation_bytes (peak of one inference
/// of one sample). Not reusable for an equal digest: dead nodes count in the published numbers.
std::unique_ptr<Evaluator> make_cost_evaluator(const SearchSpace& space, const Task& task);

}  // namespace nas
