#include "core/tflite/program_checks.h"

#include <algorithm>
#include <cstring>

#include "core/ops/op_schema.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

std::string to_text(const Dims& dims) {
  std::vector<std::string> parts;
  for (const std::int64_t dim : dims) parts.push_back(std::to_string(dim));
  return "[" + join(parts, ", ") + "]";
}

/// A step with what its operands are.
class StepView {
 public:
  StepView(const MicroProgram& program, const MicroStep& step) : program_(program), step_(step) {}

  const MicroStep& step() const { return step_; }
  const MicroOptions& options() const { return step_.options; }
  bool has(std::size_t input) const {
    return input < step_.inputs.size() && step_.inputs[input] != MicroStep::kAbsent;
  }
  const MicroTensor& input(std::size_t index) const { return tensor(step_.inputs.at(index)); }
  const MicroTensor& output() const { return tensor(step_.outputs.at(0)); }
  Dims ints(std::size_t index) const { return constant_ints(program_, step_.inputs.at(index)); }

  const Dims& ranked(std::size_t index, std::size_t rank) const {
    const Dims& dims = input(index).dims;
    if (dims.size() != rank) {
      fail("operand " + std::to_string(index) + " is " + to_text(dims) + ", expected " +
           std::to_string(rank) + " dimensions");
    }
    return dims;
  }
  void expect_output(const Dims& dims) const {
    if (output().dims != dims) {
      fail("its output is stated as " + to_text(output().dims) + ", but it is " + to_text(dims));
    }
  }
  void expect_elements(std::size_t index, std::int64_t count) const {
    if (input(index).elements() != count) {
      fail("operand " + std::to_string(index) + " is " + to_text(input(index).dims) +
           ", expected " + std::to_string(count) + " numbers");
    }
  }

 private:
  const MicroTensor& tensor(int index) const {
    return program_.tensors[static_cast<std::size_t>(index)];
  }
  const MicroProgram& program_;
  const MicroStep& step_;
};

/// Positions of a window along one axis.
std::int64_t positions(const StepView& view, std::int64_t size, std::int64_t window,
                       std::int64_t stride, std::int64_t dilation) {
  if (stride < 1 || window < 1 || dilation < 1) {
    fail("a window of " + std::to_string(window) + " with stride " + std::to_string(stride) +
         " and dilation " + std::to_string(dilation));
  }
  if (view.options().padding == MicroPadding::kSame) return (size + stride - 1) / stride;
  return std::max<std::int64_t>((size - (window - 1) * dilation - 1 + stride) / stride, 0);
}

void check_window(const StepView& view, std::int64_t height, std::int64_t width,
                  std::int64_t channels) {
  const Dims& data = view.ranked(0, 4);
  const MicroOptions& options = view.options();
  const std::int64_t rows = positions(view, data[1], height, options.stride_h, options.dilation_h);
  const std::int64_t columns =
      positions(view, data[2], width, options.stride_w, options.dilation_w);
  if (rows < 1 || columns < 1) fail("its window does not fit into " + to_text(data));
  view.expect_output({data[0], rows, columns, channels});
}

void check_bias(const StepView& view, std::size_t index, std::int64_t channels) {
  if (view.has(index)) view.expect_elements(index, channels);
}

void check_conv(const StepView& view) {
  const Dims &data = view.ranked(0, 4), &weights = view.ranked(1, 4);
  if (weights[3] < 1 || data[3] < 1 || data[3] % weights[3] != 0 ||
      weights[0] % (data[3] / weights[3]) != 0) {
    fail("weights " + to_text(weights) + " do not fit data " + to_text(data));
  }
  check_window(view, weights[1], weights[2], weights[0]);
  check_bias(view, 2, weights[0]);
}

void check_depthwise(const StepView& view) {
  const Dims &data = view.ranked(0, 4), &weights = view.ranked(1, 4);
  if (data[3] < 1 || weights[0] != 1 || weights[3] % data[3] != 0 || weights[3] < 1) {
    fail("weights " + to_text(weights) + " do not fit data " + to_text(data));
  }
  check_window(view, weights[1], weights[2], weights[3]);
  check_bias(view, 2, weights[3]);
}

void check_transposed(const StepView& view) {
  const Dims &weights = view.ranked(1, 4), &data = view.ranked(2, 4), &out = view.output().dims;
  const MicroOptions& options = view.options();
  if (out.size() != 4 || out[0] != data[0] || weights[0] != out[3] || weights[3] != data[3]) {
    fail("weights " + to_text(weights) + " do not fit data " + to_text(data) + " and output " +
         to_text(out));
  }
  // What goes in is what the plain convolution of the output would give.
  const bool fits = positions(view, out[1], weights[1], options.stride_h, 1) == data[1] &&
                    positions(view, out[2], weights[2], options.stride_w, 1) == data[2];
  if (!fits) fail("data " + to_text(data) + " do not fit output " + to_text(out));
  check_bias(view, 3, weights[0]);
}

void check_fully_connected(const StepView& view) {
  const Dims& weights = view.ranked(1, 2);
  const std::int64_t elements = view.input(0).elements();
  if (weights[1] < 1 || elements % weights[1] != 0 ||
      view.output().elements() != elements / weights[1] * weights[0]) {
    fail("weights " + to_text(weights) + " do not fit data " + to_text(view.input(0).dims) +
         " and output " + to_text(view.output().dims));
  }
  check_bias(view, 2, weights[0]);
}

void check_pool(const StepView& view) {
  check_window(view, view.options().filter_h, view.options().filter_w, view.ranked(0, 4)[3]);
}

void check_same_shape(const StepView& view) {
  view.expect_output(view.input(0).dims);
}

/// Dimensions count from the last; one of 1 is repeated.
void check_broadcast(const StepView& view) {
  Dims a = view.input(0).dims, b = view.input(1).dims;
  const std::size_t rank = std::max(a.size(), b.size());
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  Dims result;
  for (std::size_t i = 0; i < rank; ++i) {
    if (a[i] != b[i] && a[i] != 1 && b[i] != 1) {
      fail("operands " + to_text(view.input(0).dims) + " and " + to_text(view.input(1).dims) +
           " do not fit");
    }
    result.push_back(a[i] == 1 ? b[i] : a[i]);
  }
  view.expect_output(result);
}

void check_concatenation(const StepView& view) {
  Dims result = view.input(0).dims;
  const auto rank = static_cast<std::int64_t>(result.size());
  const std::int64_t axis = view.options().axis + (view.options().axis < 0 ? rank : 0);
  if (axis < 0 || axis >= rank) fail("it has no dimension " + std::to_string(axis));
  for (std::size_t i = 1; i < view.step().inputs.size(); ++i) {
    Dims dims = view.ranked(i, result.size());
    result[static_cast<std::size_t>(axis)] += dims[static_cast<std::size_t>(axis)];
    dims[static_cast<std::size_t>(axis)] = result[static_cast<std::size_t>(axis)];
    if (dims != result) fail("operand " + std::to_string(i) + " does not fit operand 0");
  }
  view.expect_output(result);
}

void check_elements(const StepView& view) {
  if (view.input(0).elements() != view.output().elements()) {
    fail("its output " + to_text(view.output().dims) + " has other numbers than its input " +
         to_text(view.input(0).dims));
  }
}

void check_mean(const StepView& view) {
  const Dims& data = view.input(0).dims;
  std::vector<bool> reduced(data.size(), false);
  for (std::int64_t axis : view.ints(1)) {
    if (axis < 0) axis += static_cast<std::int64_t>(data.size());
    if (axis < 0 || axis >= static_cast<std::int64_t>(data.size())) fail("it has no such axis");
    reduced[static_cast<std::size_t>(axis)] = true;
  }
  Dims result;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (!reduced[i]) result.push_back(data[i]);
    if (reduced[i] && view.options().keep_dims) result.push_back(1);
  }
  view.expect_output(result);
}

void check_pad(const StepView& view) {
  Dims result = view.input(0).dims;
  const Dims pads = view.ints(1);
  if (pads.size() != 2 * result.size()) fail("it has not two pads for each dimension");
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (const std::int64_t pad : {pads[2 * i], pads[2 * i + 1]}) {
      if (pad < 0 || pad > kMaxExtent) fail("a pad of " + std::to_string(pad));
    }
    result[i] += pads[2 * i] + pads[2 * i + 1];
  }
  view.expect_output(result);
}

void check_transpose(const StepView& view) {
  const Dims& data = view.input(0).dims;
  const Dims order = view.ints(1);
  Dims result, seen = order;
  std::ranges::sort(seen);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen.size() != data.size() || seen[i] != static_cast<std::int64_t>(i)) {
      fail("its order is not one of " + std::to_string(data.size()) + " dimensions");
    }
  }
  for (const std::int64_t from : order) result.push_back(data[static_cast<std::size_t>(from)]);
  view.expect_output(result);
}

void check_slice(const StepView& view) {
  const MicroOptions& options = view.options();
  if (options.ellipsis_mask != 0 || options.new_axis_mask != 0) {
    throw Error(ErrorKind::kUnsupported, "an ellipsis or a new axis in a slice");
  }
  const std::size_t rank = view.input(0).dims.size();
  const Dims begin = view.ints(1), end = view.ints(2), strides = view.ints(3);
  if (begin.size() != rank || end.size() != rank || strides.size() != rank) {
    fail("begin, end and strides do not fit " + to_text(view.input(0).dims));
  }
  if (std::ranges::any_of(strides, [](std::int64_t stride) { return stride == 0; })) {
    fail("a stride of 0");
  }
}

void check_matmul(const StepView& view) {
  const Dims &a = view.input(0).dims, &b = view.input(1).dims;
  if (a.size() < 2 || a.size() != b.size()) fail("operands of different ranks, or of less than 2");
  const std::size_t rows = a.size() - 2, columns = a.size() - 1;
  Dims result(a.begin(), a.end() - 2);
  const bool x = view.options().adj_x, y = view.options().adj_y;
  if (a[x ? rows : columns] != b[y ? columns : rows] ||
      !std::equal(result.begin(), result.end(), b.begin())) {
    fail("operands " + to_text(a) + " and " + to_text(b) + " do not fit");
  }
  result.push_back(a[x ? columns : rows]);
  result.push_back(b[y ? rows : columns]);
  view.expect_output(result);
}

struct OperandRule {
  MicroOp op;
  std::size_t least, most;  ///< operands; those up to `least` must be given
  void (*check)(const StepView& view);
};
constexpr std::size_t kAny = 100'000;
constexpr OperandRule kRules[] = {
    {MicroOp::kAdd, 2, 2, check_broadcast},
    {MicroOp::kAveragePool2d, 1, 1, check_pool},
    {MicroOp::kBatchMatmul, 2, 2, check_matmul},
    {MicroOp::kConcatenation, 1, kAny, check_concatenation},
    {MicroOp::kConv2d, 2, 3, check_conv},
    {MicroOp::kDepthwiseConv2d, 2, 3, check_depthwise},
    {MicroOp::kDequantize, 1, 1, check_same_shape},
    {MicroOp::kFullyConnected, 2, 3, check_fully_connected},
    {MicroOp::kGelu, 1, 1, check_same_shape},
    {MicroOp::kHardSwish, 1, 1, check_same_shape},
    {MicroOp::kLeakyRelu, 1, 1, check_same_shape},
    {MicroOp::kLogistic, 1, 1, check_same_shape},
    {MicroOp::kMaxPool2d, 1, 1, check_pool},
    {MicroOp::kMean, 2, 2, check_mean},
    {MicroOp::kMul, 2, 2, check_broadcast},
    {MicroOp::kPad, 2, 2, check_pad},
    {MicroOp::kPadV2, 3, 3, check_pad},
    {MicroOp::kQuantize, 1, 1, check_same_shape},
    {MicroOp::kRelu, 1, 1, check_same_shape},
    {MicroOp::kRelu6, 1, 1, check_same_shape},
    {MicroOp::kReshape, 1, 2, check_elements},
    {MicroOp::kRsqrt, 1, 1, check_same_shape},
    {MicroOp::kSoftmax, 1, 1, check_same_shape},
    {MicroOp::kStridedSlice, 4, 4, check_slice},
    {MicroOp::kSub, 2, 2, check_broadcast},
    {MicroOp::kTanh, 1, 1, check_same_shape},
    {MicroOp::kTranspose, 2, 2, check_transpose},
    {MicroOp::kTransposeConv, 3, 4, check_transposed},
};

void check_step(const MicroProgram& program, const MicroStep& step) {
  const auto* rule = std::ranges::find(kRules, step.op, &OperandRule::op);
  NAS_CHECK(rule != std::end(kRules), "no rule for operands of " + std::string(name_of(step)));
  const StepView view(program, step);
  if (step.outputs.size() != 1) fail("it has " + std::to_string(step.outputs.size()) + " outputs");
  if (step.inputs.size() > rule->most) {
    fail(std::to_string(step.inputs.size()) + " operands, at most " + std::to_string(rule->most));
  }
  const bool all = step.op == MicroOp::kConcatenation;
  const std::size_t given = all ? std::max(step.inputs.size(), rule->least) : rule->least;
  for (std::size_t i = 0; i < given; ++i) {
    if (!view.has(i)) fail("operand " + std::to_string(i) + " is missing");
  }
  rule->check(view);
}

template <typename T>
Dims ints_of(const std::string& data) {
  Dims numbers(data.size() / sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    T number;
    std::memcpy(&number, data.data() + i * sizeof(T), sizeof(T));
    numbers[i] = number;
  }
  return numbers;
}

}  // namespace

std::vector<std::int64_t> constant_ints(const MicroProgram& program, int tensor) {
  const MicroTensor& of = program.tensors[static_cast<std::size_t>(tensor)];
  const std::string name = "tensor " + std::to_string(tensor) + " '" + printable(of.name) + "'";
  if (!of.constant || static_cast<std::int64_t>(of.data.size()) != of.bytes()) {
    throw Error(ErrorKind::kUnsupported, name + " is computed, expected a constant");
  }
  if (of.element == MicroElement::kInt32) return ints_of<std::int32_t>(of.data);
  if (of.element == MicroElement::kInt64) return ints_of<std::int64_t>(of.data);
  throw Error(
      ErrorKind::kUnsupported,
      name + " holds numbers of " + std::string(name_of(of.element)) + ", expected int32 or int64");
}

void check_operands(const MicroProgram& program) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const MicroStep& step = program.steps[i];
    if (step.op == MicroOp::kOther) continue;
    try {
      check_step(program, step);
    } catch (const Error& error) {
      throw error.with_context("step " + std::to_string(i) + " (" + std::string(name_of(step)) +
                               ")");
    }
  }
}

}  // namespace nas
