#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "app/session/session.h"
#include "app/study/metric_origin.h"
#include "core/api/evaluation.h"
#include "core/api/metric_info.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas {

/// sram_bytes@D and flash_bytes@D: what a network takes of a microcontroller.
std::span<const MetricInfo> mcu_metrics();

/// Whether a metric is one of them; latency is not, which other devices have too.
bool is_mcu_metric(std::string_view name);

/// sram_bytes@D of a network: with attention it runs a token at a time, as MCUFormer's operators
/// do; else as the device's engine runs it. Throws as `lower`.
std::int64_t network_sram_bytes(const ArchGraph& graph, const McuDevice& device);

/// The origin "mcu:DEVICE": memory planned for a microcontroller, latency by a model of it
/// (hwmodels/mcu), without running anything.
/// A network that has no int8 form is a failed trial. Throws Error(kUsage) for an unknown device
/// (near miss) and for a metric that is not planned.
std::unique_ptr<Evaluator> make_mcu_evaluator(Session& session, const SearchSpace& space,
                                              const Task& task, const MetricOrigin& origin);

}  // namespace nas
