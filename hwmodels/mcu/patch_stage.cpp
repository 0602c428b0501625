#include "hwmodels/mcu/patch_stage.h"

#include <algorithm>
#include <optional>

#include "core/util/error.h"

namespace nas {
namespace {

struct Size {
  std::int64_t h = 0, w = 0;
};

/// The window and stride of a step along rows and columns.
struct Window {
  Size kernel{1, 1}, stride{1, 1};
};

/// nullopt for a step that does not work window by window.
std::optional<Window> window_of(const MicroProgram& program, const MicroStep& step) {
  const MicroOptions& options = step.options;
  const Size stride{options.stride_h, options.stride_w};
  switch (step.op) {
    case MicroOp::kConv2d:
    case MicroOp::kDepthwiseConv2d: {
      if (options.dilation_h != 1 || options.dilation_w != 1) return std::nullopt;
      const auto& weights = program.tensors[static_cast<std::size_t>(step.inputs[1])].dims;
      return Window{{weights[1], weights[2]}, stride};
    }
    case MicroOp::kAveragePool2d:
    case MicroOp::kMaxPool2d:
      return Window{{options.filter_h, options.filter_w}, stride};
    default:
      if (micro_op_info(step.op).sharing == MicroSharing::kElementwise) return Window{};
      return std::nullopt;
  }
}

class StageBuilder {
 public:
  StageBuilder(const MicroProgram& program, const PatchOptions& options)
      : options_(options), needed_(program.tensors.size()) {
    stage_.options = options;
    stage_.program = program;
  }

  PatchedStage run() {
    if (options_.grid < 2) fail("grid = " + std::to_string(options_.grid) + ", must be >= 2");
    if (options_.steps < 1 || options_.steps >= stage_.program.steps.size()) {
      fail("steps = " + std::to_string(options_.steps) + ", must be in [1, " +
           std::to_string(stage_.program.steps.size() - 1) + "]");
    }
    for (std::size_t i = 0; i < options_.steps; ++i) {
      stage_.whole_macs += micro_macs(stage_.program, step(i));
    }
    collect();
    for (std::size_t i = options_.steps; i-- > 0;) trace_back(step(i));
    resize();
    for (std::size_t i = 0; i < options_.steps; ++i) {
      stage_.patch_macs += micro_macs(stage_.program, step(i));
    }
    return std::move(stage_);
  }

 private:
  [[noreturn]] static void fail(const std::string& why) {
    throw Error(ErrorKind::kUsage, "patches: " + why);
  }

  MicroStep& step(std::size_t index) { return stage_.program.steps[index]; }
  MicroTensor& tensor(int index) { return stage_.program.tensors[static_cast<std::size_t>(index)]; }

  /// The one tensor that later steps read becomes two: of a patch and of the whole image.
  void collect() {
    stage_.tile = step(options_.steps - 1).outputs.front();
    for (std::size_t i = 0; i + 1 < options_.steps; ++i) {
      for (const int made : step(i).outputs) {
        if (read_later(made)) {
          fail("step " + std::to_string(options_.steps) + " and those after it read '" +
               tensor(made).name + "', which is not what the stage ends in");
        }
      }
    }
    for (const int input : stage_.program.inputs) {
      if (read_later(input)) fail("a step after the stage reads the image");
    }
    MicroTensor whole = tensor(stage_.tile);
    if (whole.dims.size() != 4 || whole.dims[1] % options_.grid != 0 ||
        whole.dims[2] % options_.grid != 0) {
      fail("the result of step " + std::to_string(options_.steps - 1) +
           " cannot be cut into a grid of " + std::to_string(options_.grid));
    }
    needed_[static_cast<std::size_t>(stage_.tile)] = {whole.dims[1] / options_.grid,
                                                      whole.dims[2] / options_.grid};
    stage_.collected = static_cast<int>(stage_.program.tensors.size());
    stage_.program.tensors.push_back(std::move(whole));
    for (std::size_t i = options_.steps; i < stage_.program.steps.size(); ++i) {
      std::replace(step(i).inputs.begin(), step(i).inputs.end(), stage_.tile, stage_.collected);
    }
    std::replace(stage_.program.outputs.begin(), stage_.program.outputs.end(), stage_.tile,
                 stage_.collected);
  }

  bool read_later(int made) {
    const auto& outputs = stage_.program.outputs;
    if (std::find(outputs.begin(), outputs.end(), made) != outputs.end()) return true;
    for (std::size_t i = options_.steps; i < stage_.program.steps.size(); ++i) {
      const std::vector<int>& inputs = step(i).inputs;
      if (std::find(inputs.begin(), inputs.end(), made) != inputs.end()) return true;
    }
    return false;
  }

  /// The whole image with the zeros that a step puts around it: no patch is larger.
  Size padded(const MicroStep& reading, const Window& window,
              const std::vector<std::int64_t>& dims) {
    const auto& made = tensor(reading.outputs.front()).dims;
    const MicroOptions& options = reading.options;
    switch (options.padding) {
      case MicroPadding::kValid:
        break;
      case MicroPadding::kSame:
        return {std::max(dims[1], window.stride.h * (made[1] - 1) + window.kernel.h),
                std::max(dims[2], window.stride.w * (made[2] - 1) + window.kernel.w)};
      case MicroPadding::kExplicit:
        return {dims[1] + options.pad_top + options.pad_bottom,
                dims[2] + options.pad_left + options.pad_right};
    }
    return {dims[1], dims[2]};
  }

  void trace_back(MicroStep& traced) {
    const std::optional<Window> window = window_of(stage_.program, traced);
    if (!window) {
      fail(std::string(name_of(traced)) + " '" + traced.name + "' does not work window by window");
    }
    const Size made = needed_[static_cast<std::size_t>(traced.outputs.front())];
    const Size read{window->stride.h * (made.h - 1) + window->kernel.h,
                    window->stride.w * (made.w - 1) + window->kernel.w};
    for (const int input : traced.inputs) {
      if (input == MicroStep::kAbsent || tensor(input).constant) continue;
      if (tensor(input).dims.size() != 4) fail("'" + tensor(input).name + "' is no image");
      const Size most = padded(traced, *window, tensor(input).dims);
      Size& needed = needed_[static_cast<std::size_t>(input)];
      needed = {std::max(needed.h, std::min(read.h, most.h)),
                std::max(needed.w, std::min(read.w, most.w))};
    }
    traced.options.padding = MicroPadding::kValid;
  }

  void resize() {
    for (std::size_t i = 0; i < needed_.size(); ++i) {
      if (needed_[i].h == 0) continue;
      std::vector<std::int64_t>& dims = stage_.program.tensors[i].dims;
      dims[1] = needed_[i].h;
      dims[2] = needed_[i].w;
    }
    const MicroTensor& image = tensor(stage_.program.inputs.front());
    stage_.patch_h = image.dims[1];
    stage_.patch_w = image.dims[2];
  }

  const PatchOptions& options_;
  std::vector<Size> needed_;  ///< by tensor: of a patch; 0: not of the stage
  PatchedStage stage_;
};

}  // namespace

PatchedStage patch_stage(const MicroProgram& program, const PatchOptions& options) {
  return StageBuilder(program, options).run();
}

std::size_t most_patch_steps(const MicroProgram& program, int grid) {
  for (std::size_t steps = program.steps.size(); steps-- > 1;) {
    try {
      patch_stage(program, {grid, steps});
      return steps;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUsage) throw;
    }
  }
  return 0;
}

}  // namespace nas
