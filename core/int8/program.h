#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// The operators that a microcontroller's engine executes: those of TensorFlow Lite, of which each
/// is one call of a kernel. `micro_op_info` says what is known of each.
enum class MicroOp : std::uint8_t {
  kAdd,
  kAveragePool2d,
  kBatchMatmul,
  kConcatenation,
  kConv2d,
  kDepthwiseConv2d,
  kDequantize,
  kFullyConnected,
  kGelu,
  kHardSwish,
  kLeakyRelu,
  kLogistic,
  kMaxPool2d,
  kMean,
  kMul,
  kPad,
  kPadV2,
  kQuantize,
  kRelu,
  kRelu6,
  kReshape,
  kRsqrt,
  kSoftmax,
  kStridedSlice,
  kSub,
  kTanh,
  kTranspose,
  kTransposeConv,
  kOther,  ///< one that we cannot execute: `MicroStep::name` is its name in the file
};

/// What a tensor holds, by the names of TensorFlow Lite.
enum class MicroElement : std::uint8_t {
  kFloat32,
  kFloat16,
  kFloat64,
  kBool,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
};
std::int64_t bytes_of(MicroElement element);
std::string_view name_of(MicroElement element);  ///< "int8"

/// real = scale (integer - zero point). One scale for the whole tensor, or one for each place of
/// dimension `axis` (weights; their zero points are 0). Empty: the numbers are what they say.
struct Quantisation {
  std::vector<float> scales{};
  std::vector<std::int64_t> zero_points{};
  int axis = 0;

  bool per_channel() const { return scales.size() > 1; }
  /// Of a whole tensor. Requires a scale.
  float scale() const { return scales.front(); }
  std::int32_t zero_point() const {
    return zero_points.empty() ? 0 : static_cast<std::int32_t>(zero_points.front());
  }
  friend bool operator==(const Quantisation&, const Quantisation&) = default;
};

/// A tensor of a program. Images are [N, H, W, C], sequences [N, 1, T, C], vectors [N, F], with the
/// batch N = 1. Weights of a convolution [out, H, W, in / groups], of a depthwise one
/// [1, H, W, out], of a fully connected layer [out, in].
struct MicroTensor {
  std::string name;
  MicroElement element = MicroElement::kInt8;
  std::vector<std::int64_t> dims{};
  Quantisation quantisation{};
  bool constant = false;  ///< weights, biases, shapes: in flash
  bool variable = false;  ///< keeps its numbers from one inference to the next
  /// Of a constant: row-major, little-endian. "" in a program without numbers (`lower`).
  std::string data{};

  std::int64_t elements() const;  ///< the largest int64 when it does not fit
  std::int64_t bytes() const;     ///< likewise
  friend bool operator==(const MicroTensor&, const MicroTensor&) = default;
};

enum class MicroPadding : std::uint8_t {
  kValid,     ///< none
  kSame,      ///< output = ceil(input / stride); what is missing is put half before, half after,
              ///< the odd one after
  kExplicit,  ///< `MicroOptions::pad_*`: no .tflite file can say it; `lower` makes it on demand
};

/// What happens to a result before it is stored: a clamp of the integers.
enum class MicroActivation : std::uint8_t { kNone, kRelu, kReluN1To1, kRelu6 };

/// Of a step; each operator reads those that its comment in TensorFlow Lite's schema names.
struct MicroOptions {
  MicroPadding padding = MicroPadding::kValid;                            ///< convolutions, pools
  std::int32_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;  ///< of kExplicit
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t dilation_h = 1, dilation_w = 1;
  std::int32_t filter_h = 1, filter_w = 1;  ///< window of a pool
  std::int32_t depth_multiplier = 1;        ///< output channels of one input channel
  MicroActivation activation = MicroActivation::kNone;
  std::int32_t axis = 0;              ///< concatenation; negative: from the end
  bool keep_dims = false;             ///< mean, fully connected
  float alpha = 0;                    ///< leaky relu: slope below zero
  float beta = 1;                     ///< softmax: of exp(beta x)
  bool pot_scale_int16 = true;        ///< add, sub of int16: scales are powers of two
  bool adj_x = false, adj_y = false;  ///< batch matmul: the operand is transposed
  bool approximate = false;           ///< gelu: by tanh
  std::int32_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0,
               shrink_axis_mask = 0;  ///< strided slice
  friend bool operator==(const MicroOptions&, const MicroOptions&) = default;
};

/// One operator of a program. Operands as in TensorFlow Lite: convolutions and fully connected
/// layers read data, weights, bias; pad: data, pads [rank, 2]; reshape: data, dims; mean and
/// transpose: data, axes; strided slice: data, begin, end, strides; transposed convolution: output
/// dims, weights, data, bias.
struct MicroStep {
  static constexpr int kAbsent = -1;

  MicroOp op = MicroOp::kOther;
  std::string name{};         ///< where it comes from, for people: a node's path, or see kOther
  std::vector<int> inputs{};  ///< positions among the tensors; kAbsent: an optional one not given
  std::vector<int> outputs{};
  MicroOptions options{};
  std::int32_t version = 1;  ///< of the operator in the file it was read from
  friend bool operator==(const MicroStep&, const MicroStep&) = default;
};

/// What a microcontroller executes: steps in order, on tensors of known shapes, with the scales,
/// weights and biases that they need. The executor (core/int8/executor.h) runs it, a .tflite file
/// says the same, memory is planned on it. `lower` makes one without numbers from the shapes of a
/// graph, `quantised` one with numbers. An immutable value by convention.
struct MicroProgram {
  std::string name{};
  std::vector<MicroTensor> tensors{};
  std::vector<MicroStep> steps{};
  std::vector<int> inputs{};                               ///< tensors that the caller fills
  std::vector<int> outputs{};                              ///< tensors that the caller reads
  std::vector<std::string> input_names{}, output_names{};  ///< beside them; may be empty

  /// Throws Error(kData), naming the step or tensor: a position out of range, a tensor that is read
  /// before it is made or made twice, a constant whose data are of another size, no output.
  void check() const;
  friend bool operator==(const MicroProgram&, const MicroProgram&) = default;
};

/// How the output of an operator may share memory with an input.
enum class MicroSharing : std::uint8_t {
  kNone,
  kElementwise,  ///< reads an element before it writes that place: may overwrite
  kView,         ///< the same bytes under another shape: always the input's memory, moves nothing
};

struct MicroOpInfo {
  MicroOp op;
  std::string_view name;  ///< in TensorFlow Lite: "CONV_2D"
  MicroSharing sharing = MicroSharing::kNone;
  bool same_scale = false;   ///< inputs and output must have one scale and zero point
  bool known_range = false;  ///< the output's scale is 1/256 or 1/128, whatever the data
  bool fuses = false;        ///< can end in a `MicroActivation`
  bool weights = false;      ///< linear in data and constant weights: multiplies and accumulates
};

std::span<const MicroOpInfo> micro_ops();  ///< all but kOther, by op
/// Of kOther: nothing known, name "".
const MicroOpInfo& micro_op_info(MicroOp op);
/// The operator's name in TensorFlow Lite; of kOther the step's own.
std::string_view name_of(const MicroStep& step);

/// Whether output 0 of a step may take the memory of its input number `input` where nothing reads
/// that input afterwards: the operator allows it, both have as many bytes, no constant, no
/// variable.
bool may_overwrite(const MicroProgram& program, const MicroStep& step, std::size_t input);

/// Multiplications of convolutions, fully connected layers and matrix products for one sample.
std::int64_t micro_macs(const MicroProgram& program, const MicroStep& step);
std::int64_t micro_macs(const MicroProgram& program);

/// Bytes of all constants, from their shapes.
std::int64_t constant_bytes(const MicroProgram& program);

}  // namespace nas
