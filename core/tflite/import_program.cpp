#include "core/tflite/import_program.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "core/tflite/operators.h"
#include "core/tflite/program_checks.h"
#include "core/tflite/program_options.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw Error(ErrorKind::kUnsupported, text);
}

MicroElement element_of(const TfliteModel& model, std::int32_t tensor) {
  switch (model.tensors[static_cast<std::size_t>(tensor)].type) {
    case TfliteType::kFloat32:
      return MicroElement::kFloat32;
    case TfliteType::kFloat16:
      return MicroElement::kFloat16;
    case TfliteType::kFloat64:
      return MicroElement::kFloat64;
    case TfliteType::kBool:
      return MicroElement::kBool;
    case TfliteType::kInt8:
      return MicroElement::kInt8;
    case TfliteType::kUint8:
      return MicroElement::kUint8;
    case TfliteType::kInt16:
      return MicroElement::kInt16;
    case TfliteType::kUint16:
      return MicroElement::kUint16;
    case TfliteType::kInt32:
      return MicroElement::kInt32;
    case TfliteType::kUint32:
      return MicroElement::kUint32;
    case TfliteType::kInt64:
      return MicroElement::kInt64;
    case TfliteType::kUint64:
      return MicroElement::kUint64;
    default:
      refuse(tensor_text(model, tensor) + ": numbers of " +
             to_string(model.tensors[static_cast<std::size_t>(tensor)].type) +
             " have no place in a microcontroller's program");
  }
}

/// Weights' zero points are all 0 and stand nowhere in a program.
Quantisation quantisation_of(const TfliteQuantisation& stored) {
  Quantisation result{
      .scales = stored.scales, .zero_points = stored.zero_points, .axis = stored.dimension};
  if (result.per_channel() &&
      std::ranges::all_of(result.zero_points, [](std::int64_t zero) { return zero == 0; })) {
    result.zero_points.clear();
  }
  return result;
}

/// Tensors that are given from outside or computed; of the others those without numbers are
/// constants of no elements (the dimensions of a scalar).
std::vector<bool> computed_tensors(const TfliteModel& model) {
  std::vector<bool> computed(model.tensors.size(), false);
  const auto mark = [&](std::int32_t tensor) { computed[static_cast<std::size_t>(tensor)] = true; };
  std::ranges::for_each(model.inputs, mark);
  for (const TfliteOperator& op : model.operators) std::ranges::for_each(op.outputs, mark);
  return computed;
}

std::vector<MicroTensor> tensors_of(const TfliteModel& model, bool with_numbers) {
  const std::vector<bool> computed = computed_tensors(model);
  std::vector<MicroTensor> tensors;
  tensors.reserve(model.tensors.size());
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    const TfliteTensor& from = model.tensors[i];
    MicroTensor tensor{.name = from.name, .element = element_of(model, static_cast<int>(i))};
    tensor.dims.assign(from.shape.begin(), from.shape.end());
    tensor.quantisation = quantisation_of(from.quantisation);
    tensor.variable = from.is_variable;
    const std::string_view bytes = model.bytes(from);
    tensor.constant = !from.is_variable && !computed[i] && (!bytes.empty() || tensor.bytes() == 0);
    // Shapes, axes and pads say what an operator computes; only weights are left out.
    constexpr std::size_t kSmall = 4096;
    if (tensor.constant && (with_numbers || bytes.size() <= kSmall)) {
      tensor.data = std::string(bytes);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

MicroOp op_of(const TfliteOperator& op) {
  const std::string name = operator_name(op);
  // Without an operand for the dimensions it is a view as well.
  if (op.code == tflite_code::kSqueeze) return MicroOp::kReshape;
  const auto found = std::ranges::find(micro_ops(), std::string_view(name), &MicroOpInfo::name);
  return found == micro_ops().end() ? MicroOp::kOther : found->op;
}

/// Whether the operator ends in an activation that we do not apply.
bool reads_options(const TfliteOperator& op, MicroOptions& options) {
  const TfliteOperatorRecord* record = find_tflite_operator(op.code);
  if (record == nullptr) return false;
  for (const TfliteOption& of : record->options) {
    for (const auto& [name, member] : kIntMembers) {
      if (of.name == name) options.*member = int_option(op, name);
    }
    for (const auto& [name, member] : kBoolMembers) {
      if (of.name == name) options.*member = int_option(op, name) != 0;
    }
    for (const auto& [name, member] : kFloatMembers) {
      if (of.name == name) options.*member = static_cast<float>(option(op, name));
    }
    if (of.name == "padding") {
      const bool same = padding_option(op) == TflitePadding::kSame;
      options.padding = same ? MicroPadding::kSame : MicroPadding::kValid;
    }
    if (of.name == "activation") {
      const TfliteActivation activation = activation_option(op);
      if (activation > TfliteActivation::kRelu6) return false;
      options.activation = static_cast<MicroActivation>(activation);
    }
    if (of.name == "weights_format" && int_option(op, of.name) != 0) {
      refuse("weights in the order of another processor (shuffled)");
    }
  }
  return true;
}

MicroStep step_of(const TfliteModel& model, std::size_t index) {
  const TfliteOperator& op = model.operators[index];
  MicroStep step{.op = op_of(op), .version = op.version};
  step.inputs.assign(op.inputs.begin(), op.inputs.end());
  step.outputs.assign(op.outputs.begin(), op.outputs.end());
  const bool known = step.op != MicroOp::kOther && reads_options(op, step.options);
  if (!known) {
    step.op = MicroOp::kOther;
    step.options = {};
    step.name = operator_name(op);
  } else if (!op.outputs.empty()) {
    step.name = model.tensors[static_cast<std::size_t>(op.outputs[0])].name;
  }
  return step;
}

/// What cannot be a program, whoever reads it.
void check_whole(const TfliteModel& model) {
  if (model.subgraphs > 1) {
    refuse("it has " + std::to_string(model.subgraphs) +
           " subgraphs: networks with control flow are not read");
  }
  if (model.operators.empty()) throw Error(ErrorKind::kData, "it has no operators");
  for (const TfliteOperator& op : model.operators) {
    if (op.code == tflite_code::kCustom && op.custom_code == "ethos-u") {
      refuse(
          "it was compiled for an Arm Ethos-U (custom operator 'ethos-u'): its layers are "
          "commands of that processor; give the model from before Vela");
    }
  }
}

MicroProgram import(const TfliteModel& model, bool with_numbers) {
  check_whole(model);
  MicroProgram program{.name = model.source};
  program.tensors = tensors_of(model, with_numbers);
  program.inputs.assign(model.inputs.begin(), model.inputs.end());
  program.outputs.assign(model.outputs.begin(), model.outputs.end());
  for (const int input : program.inputs) {
    program.input_names.push_back(program.tensors[static_cast<std::size_t>(input)].name);
  }
  for (const int output : program.outputs) {
    program.output_names.push_back(program.tensors[static_cast<std::size_t>(output)].name);
  }
  for (std::size_t i = 0; i < model.operators.size(); ++i) {
    try {
      program.steps.push_back(step_of(model, i));
    } catch (const Error& error) {
      throw error.with_context(operator_text(model, i));
    }
  }
  return program;
}

}  // namespace

MicroProgram to_program(const TfliteModel& model, bool with_numbers) {
  MicroProgram program;
  try {
    program = import(model, with_numbers);
    check_operands(program);
  } catch (const Error& error) {
    throw error.with_context(printable(model.source));
  }
  program.check();  // names the file itself
  return program;
}

}  // namespace nas
