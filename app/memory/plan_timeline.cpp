#include "app/memory/plan_timeline.h"

#include "app/memory/memory_table.h"

namespace nas {
namespace {

/// Names of `maker_colours`.
std::string_view maker_name(MicroOp op) {
  switch (op) {
    case MicroOp::kConv2d:
    case MicroOp::kTransposeConv:
      return "convolution";
    case MicroOp::kDepthwiseConv2d:
      return "depthwise";
    case MicroOp::kFullyConnected:
    case MicroOp::kBatchMatmul:
      return "fully connected";
    case MicroOp::kAveragePool2d:
    case MicroOp::kMaxPool2d:
    case MicroOp::kMean:
      return "pooling";
    case MicroOp::kAdd:
    case MicroOp::kSub:
    case MicroOp::kMul:
    case MicroOp::kConcatenation:
      return "sum, product";
    default:
      return "other";
  }
}

}  // namespace

MemoryTimeline timeline_of(const NetworkPlan& plan, const McuDevice& device) {
  const MicroProgram& program = plan.planned();
  const MemoryPlan& memory = plan.memory;
  MemoryTimeline timeline{.steps = static_cast<std::int64_t>(program.steps.size()),
                          .arena_bytes = memory.arena.bytes,
                          .sram_bytes = memory.sram_bytes(),
                          .peak_step = static_cast<std::int64_t>(memory.peak_step),
                          .peak_bytes = memory.live_bytes[memory.peak_step],
                          .device = std::string(device.name),
                          .device_sram_bytes = device.sram_bytes};
  std::vector<std::string_view> makers(program.tensors.size(), "network input");
  for (const MicroStep& step : program.steps) {
    for (const int made : step.outputs) {
      makers[static_cast<std::size_t>(made)] = maker_name(step.op);
    }
  }
  for (const PlannedBuffer& buffer : memory.buffers) {
    const auto first = static_cast<std::size_t>(buffer.tensors.front());
    timeline.boxes.push_back({.name = program.tensors[first].name,
                              .shape = dims_text(program.tensors[first]),
                              .made_by = std::string(makers[first]),
                              .first_step = buffer.life.first,
                              .last_step = buffer.life.last,
                              .offset = buffer.offset,
                              .bytes = buffer.life.bytes});
  }
  return timeline;
}

}  // namespace nas
