#include "core/tflite/export_program.h"

#include <algorithm>
#include <cstring>

#include "core/tflite/operators.h"
#include "core/tflite/program_options.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kOffsetsName = "OfflineMemoryAllocation";

TfliteType type_of(MicroElement element) {
  constexpr TfliteType kTypes[] = {TfliteType::kFloat32, TfliteType::kFloat16, TfliteType::kFloat64,
                                   TfliteType::kBool,    TfliteType::kInt8,    TfliteType::kUint8,
                                   TfliteType::kInt16,   TfliteType::kUint16,  TfliteType::kInt32,
                                   TfliteType::kUint32,  TfliteType::kInt64,   TfliteType::kUint64};
  return kTypes[static_cast<std::size_t>(element)];
}

/// The first version of an operator that takes int8 activations, and int16 ones; those that are
/// not here take both from version 1 (register.cc of tensorflow/lite, checked against the files of
/// MLPerf Tiny and TensorFlow Lite Micro).
struct VersionRule {
  MicroOp op;
  std::int32_t int8, int16;
};
constexpr VersionRule kVersions[] = {
    {MicroOp::kAdd, 2, 2},           {MicroOp::kAveragePool2d, 2, 3},
    {MicroOp::kBatchMatmul, 2, 3},   {MicroOp::kConcatenation, 2, 3},
    {MicroOp::kConv2d, 3, 4},        {MicroOp::kDepthwiseConv2d, 3, 5},
    {MicroOp::kDequantize, 2, 3},    {MicroOp::kFullyConnected, 4, 7},
    {MicroOp::kGelu, 2, 2},          {MicroOp::kLeakyRelu, 2, 2},
    {MicroOp::kLogistic, 2, 3},      {MicroOp::kMaxPool2d, 2, 3},
    {MicroOp::kMean, 2, 3},          {MicroOp::kMul, 2, 4},
    {MicroOp::kPad, 2, 2},           {MicroOp::kPadV2, 2, 2},
    {MicroOp::kRelu, 2, 3},          {MicroOp::kRelu6, 2, 3},
    {MicroOp::kRsqrt, 2, 3},         {MicroOp::kSoftmax, 2, 3},
    {MicroOp::kStridedSlice, 2, 4},  {MicroOp::kSub, 2, 5},
    {MicroOp::kTanh, 2, 3},          {MicroOp::kTranspose, 2, 3},
    {MicroOp::kTransposeConv, 3, 3},
};

void write_options(const MicroOptions& options, TfliteOperator& op) {
  const TfliteOperatorRecord& record = *find_tflite_operator(op.code);
  for (const TfliteOption& of : record.options) {
    for (const auto& [name, member] : kIntMembers) {
      if (of.name == name) set_option(op, name, options.*member);
    }
    for (const auto& [name, member] : kBoolMembers) {
      if (of.name == name) set_option(op, name, options.*member ? 1 : 0);
    }
    for (const auto& [name, member] : kFloatMembers) {
      if (of.name == name) set_option(op, name, static_cast<double>(options.*member));
    }
    if (of.name == "padding") {
      const bool same = options.padding == MicroPadding::kSame;
      set_option(op, of.name,
                 static_cast<double>(same ? TflitePadding::kSame : TflitePadding::kValid));
    }
    if (of.name == "activation") set_option(op, of.name, static_cast<double>(options.activation));
  }
}

void refuse_unsayable(const MicroProgram& program) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const MicroStep& step = program.steps[i];
    const bool padded = step.options.padding == MicroPadding::kExplicit;
    if (step.op != MicroOp::kOther && !padded) continue;
    found.push_back("step " + std::to_string(i) + " (" + printable(name_of(step)) + ")" +
                    (padded ? " with a padding of its own" : ""));
  }
  if (found.empty()) return;
  throw Error(ErrorKind::kUnsupported, "no .tflite file can be written of " + join(found, ", "));
}

TfliteTensor tensor_of(const MicroTensor& from, std::vector<TfliteBuffer>& buffers) {
  TfliteTensor tensor{.name = from.name, .type = type_of(from.element)};
  for (const std::int64_t dim : from.dims) tensor.shape.push_back(static_cast<std::int32_t>(dim));
  const Quantisation& quantisation = from.quantisation;
  tensor.quantisation = {.scales = quantisation.scales,
                         .zero_points = quantisation.zero_points,
                         .dimension = quantisation.axis};
  tensor.quantisation.zero_points.resize(quantisation.scales.size());
  tensor.is_variable = from.variable;
  if (!from.constant) return tensor;
  if (static_cast<std::int64_t>(from.data.size()) != from.bytes()) {
    throw Error(ErrorKind::kData,
                "tensor '" + printable(from.name) + "' is constant, but its numbers are not there");
  }
  auto owned = std::make_shared<const std::string>(from.data);
  tensor.buffer = static_cast<std::uint32_t>(buffers.size());
  buffers.push_back({.bytes = *owned, .owned = owned});
  return tensor;
}

TfliteOperator operator_of(const MicroProgram& program, const MicroStep& step) {
  const auto code = tflite_code_of(name_of(step));
  NAS_CHECK(code && find_tflite_operator(*code) != nullptr,
            "no code of operator " + std::string(name_of(step)));
  TfliteOperator op{.code = *code, .version = operator_version(program, step)};
  op.inputs.assign(step.inputs.begin(), step.inputs.end());
  op.outputs.assign(step.outputs.begin(), step.outputs.end());
  write_options(step.options, op);
  if (step.op == MicroOp::kReshape) {
    set_option(op, "new_shape", 0);  // a list, beside the operand that says the same
    for (const std::int64_t dim : program.tensors[static_cast<std::size_t>(step.outputs[0])].dims) {
      op.list.push_back(static_cast<std::int32_t>(dim));
    }
  }
  return op;
}

/// Version 1, subgraph 0, how many, the offsets.
std::string offsets_bytes(const std::vector<std::int32_t>& offsets) {
  std::vector<std::int32_t> words{1, 0, static_cast<std::int32_t>(offsets.size())};
  words.insert(words.end(), offsets.begin(), offsets.end());
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::int32_t)};
}

}  // namespace

std::int32_t operator_version(const MicroProgram& program, const MicroStep& step) {
  const auto* rule = std::ranges::find(kVersions, step.op, &VersionRule::op);
  if (rule == std::end(kVersions)) return step.version;
  // The data of a transposed convolution are its third operand.
  const std::size_t data = step.op == MicroOp::kTransposeConv ? 2 : 0;
  const int tensor = data < step.inputs.size() ? step.inputs[data] : MicroStep::kAbsent;
  if (tensor == MicroStep::kAbsent) return step.version;
  const MicroElement element = program.tensors[static_cast<std::size_t>(tensor)].element;
  if (element == MicroElement::kInt8) return std::max(step.version, rule->int8);
  // Files of TensorFlow Lite Micro's own tests state int16 operators in the version of int8.
  if (element == MicroElement::kInt16) return step.version > 1 ? step.version : rule->int16;
  return step.version;
}

TfliteModel to_tflite(const MicroProgram& program, const TfliteExportOptions& options) {
  program.check();
  refuse_unsayable(program);
  TfliteModel model{.source = program.name, .description = options.description};
  model.buffers.emplace_back();  // the first is empty by custom: tensors without numbers name it
  for (const MicroTensor& tensor : program.tensors) {
    model.tensors.push_back(tensor_of(tensor, model.buffers));
  }
  for (const MicroStep& step : program.steps) model.operators.push_back(operator_of(program, step));
  model.inputs.assign(program.inputs.begin(), program.inputs.end());
  model.outputs.assign(program.outputs.begin(), program.outputs.end());
  model.name = "main";
  if (!options.offsets.empty()) {
    NAS_CHECK(options.offsets.size() == program.tensors.size(), "an offset for each tensor");
    auto owned = std::make_shared<const std::string>(offsets_bytes(options.offsets));
    model.metadata.emplace_back(kOffsetsName, static_cast<std::uint32_t>(model.buffers.size()));
    model.buffers.push_back({.bytes = *owned, .owned = owned});
  }
  return model;
}

std::vector<std::int32_t> stated_offsets(const TfliteModel& model) {
  for (const auto& [name, buffer] : model.metadata) {
    if (name != kOffsetsName) continue;
    const std::string_view bytes = model.buffers[buffer].bytes;
    std::vector<std::int32_t> words(bytes.size() / sizeof(std::int32_t));
    if (!words.empty())
      std::memcpy(words.data(), bytes.data(), words.size() * sizeof(std::int32_t));
    constexpr std::size_t kHead = 3;
    if (words.size() < kHead || words[2] < 0 ||
        static_cast<std::size_t>(words[2]) != words.size() - kHead) {
      throw Error(ErrorKind::kData, printable(model.source) + ": its metadata '" +
                                        std::string(kOffsetsName) + "' are cut off");
    }
    return {words.begin() + kHead, words.end()};
  }
  return {};
}

}  // namespace nas
