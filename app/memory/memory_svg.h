#pragma once

#include <string>

#include "core/ir/draw/svg_page.h"
#include "hwmodels/mcu/network_plan.h"

namespace nas {

/// The timeline of a plan as a stand-alone SVG: steps from left to right, the arena from the ground
/// up, a box for each buffer where it lies while it is needed. Scratch stands above the arena; a
/// line shows the device's SRAM where it is near.
std::string memory_svg(const NetworkPlan& plan, const McuDevice& device, SvgHeading heading);

}  // namespace nas
