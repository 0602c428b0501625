#pragma once

#include "app/presentation/table.h"
#include "core/int8/program.h"
#include "hwmodels/mcu/mcu_device.h"
#include "hwmodels/mcu/row_wise.h"

namespace nas {

/// A row for each region of steps that run together; the caption sums up for people.
Table row_table(const MicroProgram& program, const RowWisePlan& plan, const McuDevice& device);

/// SRAM by the plan and flash by the device's engine are within its limits.
bool fits_row_wise(const MicroProgram& program, const RowWisePlan& plan, const McuDevice& device);

}  // namespace nas
