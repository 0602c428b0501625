#include "tests/core/onnx/onnx_runtime.h"

#include <cstdlib>
#include <cstring>
#include <iostream>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas::test {
namespace {

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> floats_of(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace

std::optional<OnnxRuntime> OnnxRuntime::find() {
  const char* folder = std::getenv("SEARCHLIGHT_ONNXRUNTIME");
  const std::filesystem::path modules =
      std::filesystem::absolute(folder != nullptr ? folder : "build/onnx-runtime") / "node_modules";
  if (std::filesystem::exists(modules / "onnxruntime-node")) return OnnxRuntime(modules);
  std::cout << "SKIPPED: no ONNX Runtime in " << modules.string()
            << "; scripts/onnx-runtime installs it (needs node and npm)\n";
  return std::nullopt;
}

std::vector<std::vector<float>> OnnxRuntime::run(std::span<const OnnxRun> runs) const {
  const TemporaryDirectory folder;
  std::string list;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = (folder.path() / std::to_string(i)).string();
    std::vector<std::string> dims;
    for (const std::int64_t dim : runs[i].dims) dims.push_back(std::to_string(dim));
    write_file_atomically(name + ".onnx", runs[i].model);
    write_file_atomically(name + ".in", bytes_of(runs[i].input));
    list += name + ".onnx " + join(dims, ",") + " " + name + ".in " + name + ".out\n";
  }
  write_file_atomically(folder.path() / "list", list);
  const std::string errors = (folder.path() / "errors").string();
  const std::string command = "NODE_PATH='" + modules_.string() + "' node '" NAS_RUN_ONNX "' '" +
                              (folder.path() / "list").string() + "' 2>'" + errors + "'";
  if (std::system(command.c_str()) != 0) {
    throw Error(ErrorKind::kData, "ONNX Runtime: " + read_file(errors));
  }
  std::vector<std::vector<float>> outputs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    outputs.push_back(floats_of(read_file(folder.path() / (std::to_string(i) + ".out"))));
  }
  return outputs;
}

}  // namespace nas::test
