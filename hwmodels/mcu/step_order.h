#pragma once

#include <cstdint>
#include <vector>

#include "core/int8/program.h"
#include "hwmodels/mcu/engine_rules.h"

namespace nas {

struct OrderOptions {
  /// Sets of steps done that are kept at once. While all fit, the order is exact.
  std::size_t most_states = 5'000;
};

/// An order of the steps that keeps few bytes live.
struct StepOrder {
  std::vector<std::size_t> steps;  ///< positions in the given program
  std::int64_t live_bytes = 0;     ///< the most at once, in this order
  std::int64_t lower_bound = 0;    ///< no order has fewer
  bool optimal() const { return live_bytes == lower_bound; }
};

/// The order with the fewest bytes live at once: dynamic programming over the sets of steps that
/// can have been done, level by level (Liberis and Lane, Neural networks on microcontrollers,
/// 2019). Of more than `most_states` sets the best are kept, and the bound is that of single steps.
/// Deterministic.
StepOrder smallest_order(const MicroProgram& program, const EngineRules& engine,
                         const OrderOptions& options = {});

/// The program with its steps in this order.
MicroProgram reordered(const MicroProgram& program, const std::vector<std::size_t>& steps);

}  // namespace nas
