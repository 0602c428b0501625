#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/int8/program.h"
#include "hwmodels/mcu/engine_rules.h"
#include "hwmodels/mcu/patch_stage.h"
#include "hwmodels/placement/offset_planner.h"

namespace nas {

/// Memory that one tensor takes, or several one after the other (in-place steps, views).
struct PlannedBuffer {
  Buffer life;               ///< bytes are aligned; steps of the program
  std::int64_t offset = 0;   ///< in the arena
  std::vector<int> tensors;  ///< in the order in which they are made
};

/// What flash holds of a model.
struct FlashUse {
  std::int64_t weights = 0, biases = 0, scales = 0;
  std::int64_t model_bytes() const { return weights + biases + scales; }
};

/// What a network takes of a microcontroller's memory.
struct MemoryPlan {
  std::vector<PlannedBuffer> buffers;
  std::vector<std::int64_t> live_bytes;  ///< by step
  std::size_t peak_step = 0;             ///< the first with the most live bytes
  OffsetPlan arena;                      ///< by buffer
  std::int64_t column_bytes = 0;         ///< scratch for columns of an image, largest of all steps
  std::int64_t kernel_bytes = 0;         ///< scratch for a reordered kernel, likewise
  FlashUse flash;
  std::int64_t code_bytes = 0;
  std::optional<PatchedStage> patches;

  std::int64_t sram_bytes() const { return arena.bytes + column_bytes + kernel_bytes; }
  std::int64_t flash_bytes() const { return flash.model_bytes() + code_bytes; }
};

struct MemoryOptions {
  std::optional<PatchOptions> patches{};
  std::int64_t nodes = 100'000;  ///< of the search for offsets: PlanOptions
};

/// Plans activations by the rules of an engine, in the order of the program's steps. A tensor lives
/// from the step that makes it to the last that reads it; the program's inputs from step 0 on, its
/// outputs to the last step. Throws Error(kUsage) where patches do not fit the program.
MemoryPlan plan_memory(const MicroProgram& program, const EngineRules& engine,
                       const MemoryOptions& options = {});

/// Scratch of one step: columns of 16 bits (convolutions two of them; a depthwise one a padded
/// plane and its result) and a kernel of 16 bits. 0 for an engine without.
std::int64_t column_bytes(const MicroProgram& program, const MicroStep& step,
                          const EngineRules& engine);
std::int64_t kernel_bytes(const MicroProgram& program, const MicroStep& step,
                          const EngineRules& engine);
FlashUse flash_use(const MicroProgram& program, const EngineRules& engine);

}  // namespace nas
