#pragma once

#include <string>

#include "app/presentation/table.h"
#include "hwmodels/mcu/network_plan.h"

namespace nas {

/// "1x56x56x24" of a tensor without its batch of one: "56x56x24".
std::string dims_text(const MicroTensor& tensor);

/// A row for each step: operator, what it makes, where that lies, and the bytes live while it runs.
/// The caption sums up for people; programs read the same facts in columns of every row.
Table memory_table(const NetworkPlan& plan, const McuDevice& device);

/// The facts of a plan, one line each: arena, scratch, flash, who lives at the peak.
std::vector<std::string> memory_lines(const NetworkPlan& plan, const McuDevice& device);

}  // namespace nas
