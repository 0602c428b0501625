#pragma once

#include "app/presentation/table.h"
#include "core/int8/program.h"
#include "hwmodels/mcu/mcu_device.h"
#include "hwmodels/mcu/row_wise.h"

namespace nas {

/// A network as it runs row by row.
struct RowWiseNetwork {
  MicroProgram program;
  RowWisePlan plan;
  std::int64_t flash_bytes = 0;  ///< with code

  bool fits(const McuDevice& device) const {
    return plan.sram_bytes() <= device.sram_bytes && flash_bytes <= device.flash_bytes;
  }
};

/// A row for each region of steps that run together; the caption sums up for people.
Table row_table(const RowWiseNetwork& network, const McuDevice& device);

}  // namespace nas
