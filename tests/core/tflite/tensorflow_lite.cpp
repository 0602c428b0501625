#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "core/tflite/operators.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "tests/core/tflite/other_engine.h"

// TensorFlow Lite by its C interface (tensorflow/lite/c/c_api.h), opened at run time.

namespace nas::test {
namespace {

struct TfLiteModel;
struct TfLiteInterpreterOptions;
struct TfLiteInterpreter;
struct TfLiteTensor;

/// The functions of the interface that we call, with its names.
struct Library {
  explicit Library(const std::filesystem::path& file)
      : module(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (module == nullptr) throw std::runtime_error(dlerror());
    find(ModelCreate, "TfLiteModelCreate");
    find(ModelDelete, "TfLiteModelDelete");
    find(InterpreterOptionsCreate, "TfLiteInterpreterOptionsCreate");
    find(InterpreterOptionsDelete, "TfLiteInterpreterOptionsDelete");
    find(InterpreterCreate, "TfLiteInterpreterCreate");
    find(InterpreterDelete, "TfLiteInterpreterDelete");
    find(InterpreterAllocateTensors, "TfLiteInterpreterAllocateTensors");
    find(InterpreterInvoke, "TfLiteInterpreterInvoke");
    find(InterpreterGetInputTensor, "TfLiteInterpreterGetInputTensor");
    find(InterpreterGetOutputTensor, "TfLiteInterpreterGetOutputTensor");
    find(TensorByteSize, "TfLiteTensorByteSize");
    find(TensorCopyFromBuffer, "TfLiteTensorCopyFromBuffer");
    find(TensorCopyToBuffer, "TfLiteTensorCopyToBuffer");
  }

  TfLiteModel* (*ModelCreate)(const void*, std::size_t) = nullptr;
  void (*ModelDelete)(TfLiteModel*) = nullptr;
  TfLiteInterpreterOptions* (*InterpreterOptionsCreate)() = nullptr;
  void (*InterpreterOptionsDelete)(TfLiteInterpreterOptions*) = nullptr;
  TfLiteInterpreter* (*InterpreterCreate)(const TfLiteModel*,
                                          const TfLiteInterpreterOptions*) = nullptr;
  void (*InterpreterDelete)(TfLiteInterpreter*) = nullptr;
  int (*InterpreterAllocateTensors)(TfLiteInterpreter*) = nullptr;
  int (*InterpreterInvoke)(TfLiteInterpreter*) = nullptr;
  TfLiteTensor* (*InterpreterGetInputTensor)(const TfLiteInterpreter*, std::int32_t) = nullptr;
  const TfLiteTensor* (*InterpreterGetOutputTensor)(const TfLiteInterpreter*,
                                                    std::int32_t) = nullptr;
  std::size_t (*TensorByteSize)(const TfLiteTensor*) = nullptr;
  int (*TensorCopyFromBuffer)(TfLiteTensor*, const void*, std::size_t) = nullptr;
  int (*TensorCopyToBuffer)(const TfLiteTensor*, void*, std::size_t) = nullptr;

 private:
  template <typename Function>
  void find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(module, name));
    if (function == nullptr) throw std::runtime_error(dlerror());
  }
  void* module;
};

void require(int status, const char* what) {
  if (status != 0) throw std::runtime_error(std::string("TensorFlow Lite cannot ") + what);
}

/// The same network, whose output a last step reshapes to a size that is known when it runs. The
/// library hands graphs of known sizes to XNNPACK, which rounds once; with such a step it keeps the
/// graph for its built-in kernels.
std::string for_built_in_kernels(const std::string& file) {
  TfliteModel model = parse_tflite(file, "file");
  const auto next = [&] { return static_cast<std::int32_t>(model.tensors.size()); };
  const std::int32_t output = model.outputs.at(0);
  TfliteTensor reshaped = model.tensors[static_cast<std::size_t>(output)];
  const std::int32_t size = next();
  model.tensors.push_back({.name = "size",
                           .type = TfliteType::kInt32,
                           .shape = {static_cast<std::int32_t>(reshaped.shape.size())}});
  reshaped.name = "reshaped";
  model.outputs = {next()};
  model.tensors.push_back(std::move(reshaped));
  model.inputs.push_back(size);
  model.operators.push_back(
      {.code = tflite_code::kReshape, .inputs = {output, size}, .outputs = model.outputs});
  return format_tflite(model);
}

class TensorFlowLite final : public OtherEngine {
 public:
  explicit TensorFlowLite(const std::filesystem::path& file) : lite_(file) {}

  std::string_view name() const override { return "TensorFlow Lite"; }
  /// Later versions do.
  bool reads_groups() const override { return false; }
  std::int64_t patience() const override { return 1'000'000'000; }

  Bytes answer(const std::string& file, const Bytes& input) const override {
    const std::string changed = for_built_in_kernels(file);
    const auto model = owned(lite_.ModelCreate(changed.data(), changed.size()), lite_.ModelDelete);
    const auto options = owned(lite_.InterpreterOptionsCreate(), lite_.InterpreterOptionsDelete);
    if (!model) throw std::runtime_error("TensorFlow Lite cannot read the network");
    const auto interpreter =
        owned(lite_.InterpreterCreate(model.get(), options.get()), lite_.InterpreterDelete);
    if (!interpreter) throw std::runtime_error("TensorFlow Lite cannot prepare the network");
    require(lite_.InterpreterAllocateTensors(interpreter.get()), "allocate the network's tensors");
    fill(*interpreter, 0, input.data(), input.size());
    const TfliteModel read = parse_tflite(changed, "file");
    const std::vector<std::int32_t>& shape =
        read.tensors[static_cast<std::size_t>(read.outputs[0])].shape;
    fill(*interpreter, 1, shape.data(), shape.size() * sizeof(shape[0]));
    require(lite_.InterpreterInvoke(interpreter.get()), "run the network");
    const TfLiteTensor* tensor = lite_.InterpreterGetOutputTensor(interpreter.get(), 0);
    Bytes output(lite_.TensorByteSize(tensor));
    require(lite_.TensorCopyToBuffer(tensor, output.data(), output.size()), "give its output");
    return output;
  }

 private:
  template <typename Object>
  static std::unique_ptr<Object, void (*)(Object*)> owned(Object* object, void (*end)(Object*)) {
    return {object, end};
  }
  void fill(TfLiteInterpreter& interpreter, std::int32_t index, const void* bytes,
            std::size_t count) const {
    TfLiteTensor* tensor = lite_.InterpreterGetInputTensor(&interpreter, index);
    require(lite_.TensorCopyFromBuffer(tensor, bytes, count), "take the input");
  }

  Library lite_;
};

std::filesystem::path library_file() {
  const char* folder = std::getenv("SEARCHLIGHT_TENSORFLOW_LITE");
  return std::filesystem::path(folder != nullptr ? folder : "build/tensorflow-lite") /
         "libtensorflowlite_c.so";
}

}  // namespace

const OtherEngine* tensorflow_lite() {
  if (!exists(library_file())) {
    std::cout << "SKIPPED: TensorFlow Lite is not installed (scripts/tensorflow-lite)\n";
    return nullptr;
  }
  static const TensorFlowLite kEngine(library_file());
  return &kEngine;
}

}  // namespace nas::test
