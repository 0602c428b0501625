#include "core/int8/program.h"

#include <algorithm>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using enum MicroOp;

constexpr MicroOpInfo kOps[] = {
    {.op = kAdd, .name = "ADD", .sharing = MicroSharing::kElementwise, .fuses = true},
    {.op = kAveragePool2d, .name = "AVERAGE_POOL_2D", .same_scale = true, .fuses = true},
    {.op = kBatchMatmul, .name = "BATCH_MATMUL"},
    {.op = kConcatenation, .name = "CONCATENATION", .same_scale = true},
    {.op = kConv2d, .name = "CONV_2D", .fuses = true, .weights = true},
    {.op = kDepthwiseConv2d, .name = "DEPTHWISE_CONV_2D", .fuses = true, .weights = true},
    {.op = kDequantize, .name = "DEQUANTIZE"},
    {.op = kFullyConnected, .name = "FULLY_CONNECTED", .fuses = true, .weights = true},
    {.op = kGelu, .name = "GELU", .sharing = MicroSharing::kElementwise},
    {.op = kHardSwish, .name = "HARD_SWISH", .sharing = MicroSharing::kElementwise},
    {.op = kLeakyRelu, .name = "LEAKY_RELU", .sharing = MicroSharing::kElementwise},
    {.op = kLogistic,
     .name = "LOGISTIC",
     .sharing = MicroSharing::kElementwise,
     .known_range = true},
    {.op = kMaxPool2d, .name = "MAX_POOL_2D", .same_scale = true, .fuses = true},
    {.op = kMean, .name = "MEAN"},
    {.op = kMul, .name = "MUL", .sharing = MicroSharing::kElementwise, .fuses = true},
    {.op = kPad, .name = "PAD", .same_scale = true},
    {.op = kPadV2, .name = "PADV2", .same_scale = true},
    {.op = kQuantize, .name = "QUANTIZE", .sharing = MicroSharing::kElementwise},
    {.op = kRelu, .name = "RELU", .sharing = MicroSharing::kElementwise},
    // Engines disagree on whether RELU6 scales; at one scale they agree.
    {.op = kRelu6, .name = "RELU6", .sharing = MicroSharing::kElementwise, .same_scale = true},
    {.op = kReshape, .name = "RESHAPE", .sharing = MicroSharing::kView, .same_scale = true},
    {.op = kRsqrt, .name = "RSQRT", .sharing = MicroSharing::kElementwise},
    {.op = kSoftmax, .name = "SOFTMAX", .known_range = true},
    {.op = kStridedSlice, .name = "STRIDED_SLICE", .same_scale = true},
    {.op = kSub, .name = "SUB", .sharing = MicroSharing::kElementwise, .fuses = true},
    {.op = kTanh, .name = "TANH", .sharing = MicroSharing::kElementwise, .known_range = true},
    {.op = kTranspose, .name = "TRANSPOSE", .same_scale = true},
    {.op = kTransposeConv, .name = "TRANSPOSE_CONV", .fuses = true, .weights = true},
};
constexpr MicroOpInfo kUnknownOp{.op = kOther, .name = ""};

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? std::numeric_limits<std::int64_t>::max() : result;
}

[[noreturn]] void fail(const MicroProgram& program, const std::string& text) {
  throw Error(ErrorKind::kData,
              (program.name.empty() ? "the program" : program.name) + ": " + text);
}

std::string step_label(const MicroProgram& program, std::size_t index) {
  const MicroStep& step = program.steps[index];
  return "step " + std::to_string(index) + " (" + std::string(name_of(step)) + ")";
}

/// Which tensors are made so far.
class MadeTensors {
 public:
  explicit MadeTensors(const MicroProgram& program)
      : program_(program), made_(program.tensors.size(), false) {
    for (std::size_t i = 0; i < program.tensors.size(); ++i) {
      const MicroTensor& tensor = program.tensors[i];
      made_[i] = tensor.constant || tensor.variable;
    }
  }
  void make(int tensor, const std::string& by) {
    if (made_[position(tensor, by)]) {
      fail(program_, by + " makes tensor " + std::to_string(tensor) + ", which is there already");
    }
    made_[static_cast<std::size_t>(tensor)] = true;
  }
  void read(int tensor, const std::string& by) const {
    if (!made_[position(tensor, by)]) {
      fail(program_, by + " reads tensor " + std::to_string(tensor) + " before it is made");
    }
  }

 private:
  std::size_t position(int tensor, const std::string& by) const {
    if (tensor < 0 || static_cast<std::size_t>(tensor) >= made_.size()) {
      fail(program_,
           by + " names tensor " + std::to_string(tensor) + " of " + std::to_string(made_.size()));
    }
    return static_cast<std::size_t>(tensor);
  }

  const MicroProgram& program_;
  std::vector<bool> made_;
};

void check_tensor(const MicroProgram& program, std::size_t index) {
  const MicroTensor& tensor = program.tensors[index];
  const std::string label = "tensor " + std::to_string(index) + " '" + printable(tensor.name) + "'";
  if (std::ranges::any_of(tensor.dims, [](std::int64_t dim) { return dim < 0; })) {
    fail(program, label + " has a negative dimension");
  }
  const auto size = static_cast<std::int64_t>(tensor.data.size());
  if (size != 0 && size != tensor.bytes()) {
    fail(program, label + " has " + std::to_string(size) + " bytes of data, its shape asks for " +
                      std::to_string(tensor.bytes()));
  }
}

}  // namespace

std::int64_t bytes_of(MicroElement element) {
  switch (element) {
    case MicroElement::kBool:
    case MicroElement::kInt8:
    case MicroElement::kUint8:
      return 1;
    case MicroElement::kFloat16:
    case MicroElement::kInt16:
    case MicroElement::kUint16:
      return 2;
    case MicroElement::kFloat32:
    case MicroElement::kInt32:
    case MicroElement::kUint32:
      return 4;
    case MicroElement::kFloat64:
    case MicroElement::kInt64:
    case MicroElement::kUint64:
      return 8;
  }
  return 0;
}

std::string_view name_of(MicroElement element) {
  constexpr std::string_view kNames[] = {"float32", "float16", "float64", "bool",
                                         "int8",    "uint8",   "int16",   "uint16",
                                         "int32",   "uint32",  "int64",   "uint64"};
  return kNames[static_cast<std::size_t>(element)];
}

std::int64_t MicroTensor::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) count = product(count, dim);
  return count;
}

std::int64_t MicroTensor::bytes() const {
  return product(elements(), bytes_of(element));
}

void MicroProgram::check() const {
  for (std::size_t i = 0; i < tensors.size(); ++i) check_tensor(*this, i);
  MadeTensors made(*this);
  for (const int input : inputs) made.make(input, "the list of inputs");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string label = step_label(*this, i);
    for (const int input : steps[i].inputs) {
      if (input != MicroStep::kAbsent) made.read(input, label);
    }
    if (steps[i].outputs.empty()) fail(*this, label + " has no output");
    for (const int output : steps[i].outputs) made.make(output, label);
  }
  if (outputs.empty()) fail(*this, "it has no output");
  for (const int output : outputs) made.read(output, "the list of outputs");
}

std::span<const MicroOpInfo> micro_ops() {
  return kOps;
}

const MicroOpInfo& micro_op_info(MicroOp op) {
  return op == kOther ? kUnknownOp : kOps[static_cast<std::size_t>(op)];
}

std::string_view name_of(const MicroStep& step) {
  return step.op == kOther ? std::string_view(step.name) : micro_op_info(step.op).name;
}

bool may_overwrite(const MicroProgram& program, const MicroStep& step, std::size_t input) {
  if (micro_op_info(step.op).sharing == MicroSharing::kNone || input >= step.inputs.size()) {
    return false;
  }
  // The second operand of a view is its shape.
  if (micro_op_info(step.op).sharing == MicroSharing::kView && input > 0) return false;
  const int from = step.inputs[input];
  if (from == MicroStep::kAbsent || step.outputs.empty()) return false;
  const MicroTensor& source = program.tensors[static_cast<std::size_t>(from)];
  const MicroTensor& target = program.tensors[static_cast<std::size_t>(step.outputs[0])];
  return !source.constant && !source.variable && !target.variable &&
         source.bytes() == target.bytes();
}

std::int64_t micro_macs(const MicroProgram& program, const MicroStep& step) {
  const auto tensor = [&](int index) -> const MicroTensor& {
    return program.tensors[static_cast<std::size_t>(index)];
  };
  if (step.op == kBatchMatmul) {
    const MicroTensor& left = tensor(step.inputs[0]);
    const std::size_t shared = left.dims.size() - (step.options.adj_x ? 2 : 1);
    return product(tensor(step.outputs[0]).elements(), left.dims[shared]);
  }
  if (!micro_op_info(step.op).weights) return 0;
  const MicroTensor& weights = tensor(step.inputs[1]);
  // Every weight is used once for each position: of the input where the convolution is transposed,
  // of the output otherwise.
  const MicroTensor& data = tensor(step.op == kTransposeConv ? step.inputs[2] : step.outputs[0]);
  const std::int64_t channels = std::max<std::int64_t>(data.dims.empty() ? 1 : data.dims.back(), 1);
  return product(weights.elements(), data.elements() / channels);
}

std::int64_t micro_macs(const MicroProgram& program) {
  std::int64_t macs = 0;
  for (const MicroStep& step : program.steps) macs += micro_macs(program, step);
  return macs;
}

std::int64_t constant_bytes(const MicroProgram& program) {
  std::int64_t bytes = 0;
  for (const MicroTensor& tensor : program.tensors) {
    if (tensor.constant) bytes += tensor.bytes();
  }
  return bytes;
}

}  // namespace nas
