#include "hwmodels/mcu/network_plan.h"

#include <numeric>
#include <string>
#include <utility>

#include "core/int8/lowering.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// The split with the least SRAM; of equal ones that with the fewest MACs on patches.
MemoryPlan best_patches(const MicroProgram& program, const EngineRules& engine,
                        const NetworkPlanOptions& options) {
  std::optional<MemoryPlan> best;
  const std::size_t most = most_patch_steps(program, options.grid);
  for (std::size_t steps = 1; steps <= most; ++steps) {
    try {
      // First fit tells splits apart; the winner is planned in full below.
      MemoryPlan plan =
          plan_memory(program, engine, {.patches = PatchOptions{options.grid, steps}, .nodes = 0});
      if (!best || plan.sram_bytes() < best->sram_bytes()) best = std::move(plan);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUsage) throw;
    }
  }
  if (!best) {
    throw Error(ErrorKind::kUsage, "patches: no first steps of this network can run on a grid of " +
                                       std::to_string(options.grid) + " x " +
                                       std::to_string(options.grid));
  }
  return plan_memory(program, engine, {.patches = best->patches->options, .nodes = options.nodes});
}

}  // namespace

std::int64_t NetworkPlan::macs() const {
  return micro_macs(program) + (memory.patches ? memory.patches->extra_macs() : 0);
}

NetworkPlan plan_program(const MicroProgram& program, const EngineRules& engine,
                         const NetworkPlanOptions& options) {
  NetworkPlan plan;
  plan.program = program;
  plan.order.steps.resize(program.steps.size());
  std::iota(plan.order.steps.begin(), plan.order.steps.end(), std::size_t{0});
  if (options.best_order) {
    plan.order = smallest_order(program, engine, options.order);
    plan.program = reordered(program, plan.order.steps);
  }
  if (options.grid == 0) {
    plan.memory = plan_memory(plan.program, engine, {.nodes = options.nodes});
  } else if (options.patch_steps == 0) {
    plan.memory = best_patches(plan.program, engine, options);
  } else {
    plan.memory = plan_memory(
        plan.program, engine,
        {.patches = PatchOptions{options.grid, options.patch_steps}, .nodes = options.nodes});
  }
  return plan;
}

NetworkPlan plan_network(const ArchGraph& graph, const EngineRules& engine,
                         const NetworkPlanOptions& options) {
  return plan_program(lower(graph, {.explicit_padding = true}).program, engine, options);
}

}  // namespace nas
