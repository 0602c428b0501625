#include "hwmodels/mcu/memory_plan.h"

#include <algorithm>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::int64_t kColumnBytes = 2;  // int8 numbers are widened to 16 bits

const MicroTensor& tensor_of(const MicroProgram& program, int index) {
  return program.tensors[static_cast<std::size_t>(index)];
}

/// The buffers of the activations and their lives.
class Lives {
 public:
  Lives(const MicroProgram& program, const EngineRules& engine)
      : program_(program),
        engine_(engine),
        last_read_(program.tensors.size(), -1),
        kept_(program.tensors.size(), false),
        buffer_of_(program.tensors.size(), kNone) {
    const auto last = static_cast<std::int64_t>(program.steps.size()) - 1;
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
      for (const int input : program.steps[i].inputs) {
        if (input != MicroStep::kAbsent) last_read_[at(input)] = static_cast<std::int64_t>(i);
      }
    }
    for (const int output : program.outputs) {
      last_read_[at(output)] = last;
      kept_[at(output)] = true;
    }
  }

  /// `from_start`: a tensor that is filled from step 0 on, or kAbsent.
  std::vector<PlannedBuffer> run(int from_start) {
    for (const int input : program_.inputs) open(input, 0);
    if (from_start != MicroStep::kAbsent) open(from_start, 0);
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      const MicroStep& step = program_.steps[i];
      const auto now = static_cast<std::int64_t>(i);
      for (const int output : step.outputs) {
        const std::size_t shared = reused_buffer(step, output, now);
        if (shared == kNone) {
          open(output, now);
        } else {
          extend(shared, output);
        }
      }
    }
    return std::move(buffers_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  static std::size_t at(int tensor) { return static_cast<std::size_t>(tensor); }

  std::int64_t aligned_bytes(int tensor) const {
    const std::int64_t bytes = tensor_of(program_, tensor).bytes();
    return (bytes + engine_.alignment - 1) / engine_.alignment * engine_.alignment;
  }

  void open(int tensor, std::int64_t step) {
    if (tensor_of(program_, tensor).constant || buffer_of_[at(tensor)] != kNone) return;
    buffer_of_[at(tensor)] = buffers_.size();
    const std::int64_t last = std::max(step, last_read_[at(tensor)]);
    buffers_.push_back({{aligned_bytes(tensor), step, last}, 0, {tensor}});
  }

  void extend(std::size_t buffer, int tensor) {
    buffer_of_[at(tensor)] = buffer;
    Buffer& life = buffers_[buffer].life;
    life.last = std::max(life.last, last_read_[at(tensor)]);
    life.bytes = std::max(life.bytes, aligned_bytes(tensor));
    buffers_[buffer].tensors.push_back(tensor);
  }

  /// The buffer of the step's input that its output takes over, or kNone.
  std::size_t reused_buffer(const MicroStep& step, int output, std::int64_t now) const {
    const int input = step.inputs.empty() ? MicroStep::kAbsent : step.inputs.front();
    if (input == MicroStep::kAbsent || buffer_of_[at(input)] == kNone) return kNone;
    const std::size_t buffer = buffer_of_[at(input)];
    const bool view = micro_op_info(step.op).sharing == MicroSharing::kView;
    if (view) return buffer;
    const bool in_place = engine_.in_place_depthwise && step.op == MicroOp::kDepthwiseConv2d &&
                          step.options.depth_multiplier == 1;
    const bool kept = std::ranges::any_of(buffers_[buffer].tensors,
                                          [&](int tensor) { return kept_[at(tensor)]; });
    const bool read_again = kept || buffers_[buffer].life.last > now;
    const bool fits = aligned_bytes(output) <= buffers_[buffer].life.bytes;
    return in_place && !read_again && fits ? buffer : kNone;
  }

  const MicroProgram& program_;
  const EngineRules& engine_;
  std::vector<std::int64_t> last_read_;  ///< by tensor; -1: never
  std::vector<bool> kept_;               ///< by tensor: the caller reads it at the end
  std::vector<std::size_t> buffer_of_;   ///< by tensor
  std::vector<PlannedBuffer> buffers_;
};

void count_live_bytes(const MicroProgram& program, MemoryPlan& plan) {
  plan.live_bytes.assign(program.steps.size(), 0);
  for (const PlannedBuffer& buffer : plan.buffers) {
    for (std::int64_t step = buffer.life.first; step <= buffer.life.last; ++step) {
      plan.live_bytes[static_cast<std::size_t>(step)] += buffer.life.bytes;
    }
  }
  const auto peak = std::max_element(plan.live_bytes.begin(), plan.live_bytes.end());
  plan.peak_step = static_cast<std::size_t>(peak - plan.live_bytes.begin());
}

}  // namespace

std::int64_t column_bytes(const MicroProgram& program, const MicroStep& step,
                          const EngineRules& engine) {
  if (!engine.scratch) return 0;
  if (step.op == MicroOp::kConv2d) {
    const auto& weights = tensor_of(program, step.inputs[1]).dims;
    constexpr std::int64_t kColumns = 2;
    return kColumns * kColumnBytes * weights[1] * weights[2] * weights[3];
  }
  if (step.op == MicroOp::kDepthwiseConv2d) {
    const auto& image = tensor_of(program, step.inputs[0]).dims;
    const auto& weights = tensor_of(program, step.inputs[1]).dims;
    constexpr std::int64_t kPlanes = 2;  // the padded input and the output, of 8 bits
    return kPlanes * (image[1] + weights[1] / 2 * 2) * (image[2] + weights[2] / 2 * 2);
  }
  return 0;
}

std::int64_t kernel_bytes(const MicroProgram& program, const MicroStep& step,
                          const EngineRules& engine) {
  if (!engine.scratch || step.op != MicroOp::kConv2d) return 0;
  const MicroTensor& weights = tensor_of(program, step.inputs[1]);
  const bool pointwise = weights.dims[1] == 1 && weights.dims[2] == 1;
  return pointwise ? 0 : kColumnBytes * weights.elements();
}

FlashUse flash_use(const MicroProgram& program, const EngineRules& engine) {
  constexpr std::size_t kWeights = 1;  // position among the operands
  FlashUse use;
  std::vector<bool> counted(program.tensors.size(), false);
  for (const MicroStep& step : program.steps) {
    const bool weighted = micro_op_info(step.op).weights;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      if (step.inputs[i] == MicroStep::kAbsent) continue;
      const MicroTensor& tensor = tensor_of(program, step.inputs[i]);
      if (!tensor.constant || counted[static_cast<std::size_t>(step.inputs[i])]) continue;
      counted[static_cast<std::size_t>(step.inputs[i])] = true;
      const bool whole = tensor.element == MicroElement::kInt32;
      if (whole && !weighted) continue;  // shapes and axes are in the code
      (whole && i > kWeights ? use.biases : use.weights) += tensor.bytes();
    }
    if (!weighted || step.outputs.empty()) continue;
    const auto& dims = tensor_of(program, step.outputs.front()).dims;
    use.scales += engine.scale_bytes * (dims.empty() ? 1 : dims.back());
  }
  return use;
}

MemoryPlan plan_memory(const MicroProgram& program, const EngineRules& engine,
                       const MemoryOptions& options) {
  if (program.steps.empty()) {
    throw Error(ErrorKind::kUsage, "the network has no steps: there is nothing to plan");
  }
  MemoryPlan plan;
  int collected = MicroStep::kAbsent;
  if (options.patches) {
    plan.patches = patch_stage(program, *options.patches);
    collected = plan.patches->collected;
  }
  const MicroProgram& planned = plan.patches ? plan.patches->program : program;
  plan.buffers = Lives(planned, engine).run(collected);
  count_live_bytes(planned, plan);
  for (const MicroStep& step : planned.steps) {
    plan.column_bytes = std::max(plan.column_bytes, column_bytes(planned, step, engine));
    plan.kernel_bytes = std::max(plan.kernel_bytes, kernel_bytes(planned, step, engine));
  }
  std::vector<Buffer> lives;
  for (const PlannedBuffer& buffer : plan.buffers) lives.push_back(buffer.life);
  plan.arena = plan_offsets(lives, {.alignment = engine.alignment, .nodes = options.nodes});
  for (std::size_t i = 0; i < lives.size(); ++i) plan.buffers[i].offset = plan.arena.offsets[i];
  plan.flash = flash_use(program, engine);
  plan.code_bytes = engine.code_bytes;
  return plan;
}

}  // namespace nas
