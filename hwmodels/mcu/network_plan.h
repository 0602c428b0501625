#pragma once

#include <optional>

#include "core/ir/arch_graph.h"
#include "hwmodels/mcu/mcu_device.h"
#include "hwmodels/mcu/memory_plan.h"
#include "hwmodels/mcu/step_order.h"

namespace nas {

struct NetworkPlanOptions {
  bool best_order = true;  ///< `smallest_order`; else the order of the graph
  /// Runs the first steps on grid x grid patches. 0: the whole image at once.
  int grid = 0;
  /// How many steps run on patches. 0: as many as take the least SRAM.
  std::size_t patch_steps = 0;
  OrderOptions order{};
  std::int64_t nodes = 100'000;  ///< of the search for offsets
};

/// A network as an engine runs it, with its memory.
struct NetworkPlan {
  MicroProgram program;  ///< in the order in which it runs
  StepOrder order;       ///< of the steps of `lower`; its bound is 0 where none was looked for
  MemoryPlan memory;

  /// The program whose steps `memory` plans: with patches the sizes are those of one patch.
  const MicroProgram& planned() const { return memory.patches ? memory.patches->program : program; }
  /// Of one inference, patches included.
  std::int64_t macs() const;
  bool fits(const McuDevice& device) const {
    return memory.sram_bytes() <= device.sram_bytes && memory.flash_bytes() <= device.flash_bytes;
  }
};

/// Throws as `lower` for an operation without int8, Error(kUsage) for patches that do not fit.
NetworkPlan plan_network(const ArchGraph& graph, const EngineRules& engine,
                         const NetworkPlanOptions& options = {});
NetworkPlan plan_program(const MicroProgram& program, const EngineRules& engine,
                         const NetworkPlanOptions& options = {});

}  // namespace nas
