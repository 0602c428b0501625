#include "app/deploy/handover_page.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "app/deploy/deployment.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The method of MicroMutableOpResolver that registers an operator; "": the engine has no kernel.
struct Registration {
  MicroOp op;
  std::string_view method;
};
constexpr Registration kRegistrations[] = {
    {MicroOp::kAdd, "AddAdd"},
    {MicroOp::kAveragePool2d, "AddAveragePool2D"},
    {MicroOp::kBatchMatmul, "AddBatchMatMul"},
    {MicroOp::kConcatenation, "AddConcatenation"},
    {MicroOp::kConv2d, "AddConv2D"},
    {MicroOp::kDepthwiseConv2d, "AddDepthwiseConv2D"},
    {MicroOp::kDequantize, "AddDequantize"},
    {MicroOp::kFullyConnected, "AddFullyConnected"},
    {MicroOp::kGelu, ""},
    {MicroOp::kHardSwish, "AddHardSwish"},
    {MicroOp::kLeakyRelu, "AddLeakyRelu"},
    {MicroOp::kLogistic, "AddLogistic"},
    {MicroOp::kMaxPool2d, "AddMaxPool2D"},
    {MicroOp::kMean, "AddMean"},
    {MicroOp::kMul, "AddMul"},
    {MicroOp::kPad, "AddPad"},
    {MicroOp::kPadV2, "AddPadV2"},
    {MicroOp::kQuantize, "AddQuantize"},
    {MicroOp::kRelu, "AddRelu"},
    {MicroOp::kRelu6, "AddRelu6"},
    {MicroOp::kReshape, "AddReshape"},
    {MicroOp::kRsqrt, "AddRsqrt"},
    {MicroOp::kSoftmax, "AddSoftmax"},
    {MicroOp::kStridedSlice, "AddStridedSlice"},
    {MicroOp::kSub, "AddSub"},
    {MicroOp::kTanh, "AddTanh"},
    {MicroOp::kTranspose, "AddTranspose"},
    {MicroOp::kTransposeConv, "AddTransposeConv"},
};

std::string tensor_words(const MicroTensor& tensor) {
  std::vector<std::string> dims;
  for (const std::int64_t dim : tensor.dims) dims.push_back(std::to_string(dim));
  std::string text = std::string(name_of(tensor.element)) + " [" + join(dims, ", ") + "]";
  if (!tensor.quantisation.scales.empty()) {
    const std::int64_t zero = tensor.quantisation.zero_point();
    text += ", real = " + format_short(static_cast<double>(tensor.quantisation.scale()), 7) +
            " x (number " + (zero < 0 ? "+ " : "- ") + std::to_string(std::abs(zero)) + ")";
  }
  return text;
}

std::string port_lines(const Deployment& deployment) {
  std::string text;
  const auto add = [&](std::string_view kind, const std::vector<int>& tensors) {
    for (const int tensor : tensors) {
      text += "- " + std::string(kind) + ": " +
              tensor_words(deployment.program.tensors[static_cast<std::size_t>(tensor)]) + "\n";
    }
  };
  add("input", deployment.program.inputs);
  add("output", deployment.program.outputs);
  return text +
         "\nImages are rows of places with their channels last, [1, height, width, "
         "channels].\n";
}

/// The lines that register what the network uses, and what the engine cannot do.
std::string resolver_lines(const Deployment& deployment) {
  std::set<MicroOp> used;
  for (const MicroStep& step : deployment.program.steps) used.insert(step.op);
  std::string lines, missing;
  for (const MicroOp op : used) {
    const auto* found = std::ranges::find(kRegistrations, op, &Registration::op);
    if (found == std::end(kRegistrations) || found->method.empty()) {
      missing += (missing.empty() ? "" : ", ") + std::string(micro_op_info(op).name);
    } else {
      lines += "resolver." + std::string(found->method) + "();\n";
    }
  }
  std::string text = "```cpp\nstatic tflite::MicroMutableOpResolver<" +
                     std::to_string(used.size()) + "> resolver;\n" + lines + "```\n";
  if (!missing.empty()) {
    text += "\n**TensorFlow Lite Micro had no kernel of " + missing +
            " when this was written**: register one of your own, or train a network without.\n";
  }
  return text;
}

std::string notes(const Deployment& deployment) {
  std::string text;
  for (const std::string& note : deployment.notes) text += "- " + printable(note) + "\n";
  return text.empty() ? "" : "\n## To know\n\n" + text;
}

constexpr std::string_view kFilesTable =
    "| file | what it is |\n| --- | --- |\n"
    "| `model.tflite` | the network, int8, with its memory plan as metadata "
    "(`OfflineMemoryAllocation`) |\n"
    "| `model_data.c`, `.h` | the same bytes as a C array |\n"
    "| `memory_plan.txt`, `.json` | where each tensor lies, when it lives, the order of the steps "
    "|\n"
    "| `test_vectors.c`, `.h`, `.json` | inputs and the bytes that the device must answer |\n";

constexpr std::string_view kLoop =
    "```cpp\n#include \"model_data.h\"\n#include \"test_vectors.h\"\n\n"
    "alignas(16) static uint8_t arena[kArenaBytes];\n"
    "const tflite::Model* model = tflite::GetModel(model_data);\n"
    "tflite::MicroInterpreter interpreter(model, resolver, arena, kArenaBytes);\n"
    "if (interpreter.AllocateTensors() != kTfLiteOk) return 1;\n"
    "MicroPrintf(\"arena used: %d\", interpreter.arena_used_bytes());\n\n"
    "for (const test_vector& vector : test_vectors) {\n"
    "  memcpy(interpreter.input(0)->data.raw, vector.input, TEST_VECTOR_INPUT_BYTES);\n"
    "  if (interpreter.Invoke() != kTfLiteOk) return 1;\n"
    "  if (memcmp(interpreter.output(0)->data.raw, vector.expected, TEST_VECTOR_OUTPUT_BYTES)) {\n"
    "    MicroPrintf(\"%s differs\", vector.name);\n"
    "  }\n}\n```\n";

}  // namespace

std::string handover_page(const Deployment& deployment) {
  const MemoryPlan& plan = deployment.plan;
  const bool several =
      deployment.program.inputs.size() > 1 || deployment.program.outputs.size() > 1;
  std::string page =
      "# " + printable(deployment.title) + ", for a microcontroller\n\n" +
      std::string(kFilesTable) + "\n" + port_lines(deployment) + "\n" +
      format_count(deployment.macs) +
      " multiplications for one answer. Flash holds model.tflite, " +
      format_count(static_cast<std::int64_t>(deployment.tflite.size())) +
      " bytes, and the engine's code.\n\n## 1. Register the operators\n\n" +
      resolver_lines(deployment) + "\n## 2. Give the interpreter its arena\n\n" +
      "```cpp\nconstexpr int kArenaBytes = " + std::to_string(deployment.arena_bytes()) +
      ";\n```\n\nThe plan takes " + format_count(plan.arena.bytes) + " bytes (" +
      (plan.arena.optimal() ? "no plan of this order of steps is smaller"
                            : "at least " + format_count(plan.arena.lower_bound) + " are needed") +
      "), the interpreter's own structures about " + format_count(deployment.engine_bytes) +
      " more, which differ\nbetween versions and processors: print "
      "`arena_used_bytes()` and cut the arena to it. Kernels of CMSIS-NN ask for "
      "scratch memory besides.\n\n## 3. Run the test vectors\n\n" +
      std::string(kLoop) +
      (several ? "\nA vector's inputs, and its outputs, stand one after the other: "
                 "copy and compare tensor by tensor.\n"
               : "") +
      "\nEvery vector must be equal to the byte with the reference kernels; softmax, "
      "sigmoid and tanh of kernels with tables may differ by\none. Where a vector "
      "differs, check first that numbers are int8 and channels come last.\n" +
      notes(deployment);
  return page;
}

}  // namespace nas
