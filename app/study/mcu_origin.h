#pragma once

#include <memory>
#include <span>

#include "app/session/session.h"
#include "app/study/metric_origin.h"
#include "core/api/evaluation.h"
#include "core/api/metric_info.h"

namespace nas {

/// sram_bytes@D and flash_bytes@D: what a network takes of a microcontroller.
std::span<const MetricInfo> mcu_metrics();

/// The origin "mcu:DEVICE": memory planned for a microcontroller, latency by a model of it
/// (hwmodels/mcu), without running anything.
/// A network that has no int8 form is a failed trial. Throws Error(kUsage) for an unknown device
/// (near miss) and for a metric that is not planned.
std::unique_ptr<Evaluator> make_mcu_evaluator(Session& session, const SearchSpace& space,
                                              const Task& task, const MetricOrigin& origin);

}  // namespace nas
