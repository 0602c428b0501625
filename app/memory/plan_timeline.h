#pragma once

#include "app/memory/memory_timeline.h"
#include "hwmodels/mcu/network_plan.h"

namespace nas {

/// The boxes of a plan, in the plan's order of buffers.
MemoryTimeline timeline_of(const NetworkPlan& plan, const McuDevice& device);

}  // namespace nas
