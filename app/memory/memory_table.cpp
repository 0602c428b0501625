#include "app/memory/memory_table.h"

#include <algorithm>

#include "core/util/text.h"
#include "hwmodels/mcu/mcu_latency.h"

namespace nas {
namespace {

const MicroTensor& tensor_of(const NetworkPlan& plan, int index) {
  return plan.planned().tensors[static_cast<std::size_t>(index)];
}

/// The buffer that holds a tensor; nullptr for a constant.
const PlannedBuffer* buffer_of(const MemoryPlan& memory, int tensor) {
  for (const PlannedBuffer& buffer : memory.buffers) {
    if (std::ranges::find(buffer.tensors, tensor) != buffer.tensors.end()) return &buffer;
  }
  return nullptr;
}

/// "of 327,680 (96 %)".
std::string share(std::int64_t bytes, std::int64_t limit) {
  const double percent = 100 * static_cast<double>(bytes) / static_cast<double>(limit);
  return format_count(bytes) + " of " + format_count(limit) + " bytes (" +
         format_short(percent, 3) + " %)" + (bytes > limit ? ", TOO MUCH" : "");
}

/// "56x56x96 by 3 CONV_2D, 56x56x24 by 1 CONV_2D".
std::string living_at_peak(const NetworkPlan& plan) {
  const auto peak = static_cast<std::int64_t>(plan.memory.peak_step);
  std::vector<const PlannedBuffer*> living;
  for (const PlannedBuffer& buffer : plan.memory.buffers) {
    if (buffer.life.first <= peak && peak <= buffer.life.last) living.push_back(&buffer);
  }
  std::ranges::stable_sort(living, std::greater<>(),
                           [](const PlannedBuffer* buffer) { return buffer->life.bytes; });
  std::vector<std::string> words;
  for (const PlannedBuffer* buffer : living) {
    words.push_back(dims_text(tensor_of(plan, buffer->tensors.front())) + " (" +
                    format_count(buffer->life.bytes) + ")");
  }
  return join(words, ", ");
}

}  // namespace

std::string dims_text(const MicroTensor& tensor) {
  std::vector<std::string> dims;
  for (std::size_t i = 1; i < tensor.dims.size(); ++i) {
    dims.push_back(std::to_string(tensor.dims[i]));
  }
  return join(dims, "x");
}

std::vector<std::string> memory_lines(const NetworkPlan& plan, const McuDevice& device) {
  const MemoryPlan& memory = plan.memory;
  std::vector<std::string> lines;
  lines.push_back("SRAM of " + std::string(device.name) + ": " +
                  share(memory.sram_bytes(), device.sram_bytes));
  lines.push_back("  arena " + format_count(memory.arena.bytes) +
                  (memory.arena.optimal()
                       ? ", proved the smallest"
                       : ", no smaller than " + format_count(memory.arena.lower_bound)) +
                  "; scratch " + format_count(memory.column_bytes + memory.kernel_bytes));
  lines.push_back("flash: " + share(memory.flash_bytes(), device.flash_bytes));
  lines.push_back("  weights " + format_count(memory.flash.weights) + ", biases " +
                  format_count(memory.flash.biases) + ", scales " +
                  format_count(memory.flash.scales) + ", code about " +
                  format_count(memory.code_bytes));
  if (device.core == McuCore::kCortexM7) {
    McuWork work = work_of(plan.program);
    work.macs = static_cast<double>(plan.macs());
    lines.push_back("about " + format_short(mcu_latency_ms(work, device), 3) + " ms for " +
                    format_count(plan.macs()) + " MACs, by a model of published latencies");
  }
  lines.push_back("peak in step " + std::to_string(memory.peak_step) + ": " + living_at_peak(plan));
  if (plan.order.lower_bound > 0 && !memory.patches) {
    lines.push_back(
        "order of the steps: " + format_count(plan.order.live_bytes) + " bytes live at most, " +
        (plan.order.optimal() ? "the fewest of any order"
                              : "no order has fewer than " + format_count(plan.order.lower_bound)));
  }
  if (memory.patches) {
    const PatchedStage& stage = *memory.patches;
    const std::string grid = std::to_string(stage.options.grid);
    const double percent =
        100 * static_cast<double>(stage.extra_macs()) / static_cast<double>(plan.macs());
    lines.push_back("patches " + grid + " x " + grid + " of " + std::to_string(stage.patch_h) +
                    "x" + std::to_string(stage.patch_w) + " pixels for steps 0 to " +
                    std::to_string(stage.options.steps - 1) + ": " +
                    format_count(stage.extra_macs()) + " MACs more (" + format_short(percent, 3) +
                    " % of all)");
  }
  return lines;
}

Table memory_table(const NetworkPlan& plan, const McuDevice& device) {
  Table table{.kind = "memory",
              .columns = {{"step"},
                          {"operator"},
                          {"name", "", true},
                          {"output"},
                          {"offset"},
                          {"bytes"},
                          {"live_bytes"},
                          {"scratch_bytes"},
                          {"flash_bytes"},
                          {"macs"}}};
  const MicroProgram& program = plan.planned();
  MicroProgram one{.tensors = program.tensors};
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const MicroStep& step = program.steps[i];
    const int made = step.outputs.front();
    const PlannedBuffer* buffer = buffer_of(plan.memory, made);
    one.steps = {step};
    table.rows.push_back(
        {static_cast<std::int64_t>(i), std::string(name_of(step)), step.name,
         dims_text(tensor_of(plan, made)), buffer == nullptr ? 0 : buffer->offset,
         tensor_of(plan, made).bytes(), plan.memory.live_bytes[i],
         column_bytes(program, step, device.engine) + kernel_bytes(program, step, device.engine),
         flash_use(one, device.engine).model_bytes(), micro_macs(program, step)});
  }
  const MemoryPlan& memory = plan.memory;
  add_for_programs(table, "device", std::string(device.name));
  add_for_programs(table, "sram_bytes", memory.sram_bytes());
  add_for_programs(table, "arena_bytes", memory.arena.bytes);
  add_for_programs(table, "arena_lower_bound", memory.arena.lower_bound);
  add_for_programs(table, "network_flash_bytes", memory.flash_bytes());
  add_for_programs(table, "network_macs", plan.macs());
  add_for_programs(table, "peak_step", static_cast<std::int64_t>(memory.peak_step));
  add_for_programs(table, "fits", plan.fits(device));
  table.caption = join(memory_lines(plan, device), "\n");
  return table;
}

}  // namespace nas
