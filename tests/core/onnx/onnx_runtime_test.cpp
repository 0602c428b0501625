#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "core/ir/forms/text_form.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/write_onnx.h"
#include "core/runtime/checkpoint.h"
#include "core/util/file.h"
#include "searchspaces/registry.h"
#include "tests/core/onnx/every_operation.h"

// Another engine computes what LibTorch computes. ONNX Runtime comes as npm package
// onnxruntime-node 1.20.1; SEARCHLIGHT_ONNXRUNTIME names the folder that holds its node_modules.

namespace nas {
namespace {

/// Empty, after a loud line, where the engine is absent.
std::string engine() {
  const char* folder = std::getenv("SEARCHLIGHT_ONNXRUNTIME");
  if (folder != nullptr &&
      std::filesystem::exists(std::filesystem::path(folder) / "node_modules/onnxruntime-node")) {
    return folder;
  }
  std::cout << "SKIPPED: set SEARCHLIGHT_ONNXRUNTIME to a folder in which `npm install "
               "--ignore-scripts onnxruntime-node@1.20.1` ran\n";
  return "";
}

/// Initial weights with statistics as a training leaves them: not 0 and 1.
TensorFile used_weights(const ArchGraph& graph) {
  TensorFile file = initial_weights(graph);
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  for (auto& [name, tensor] : file.tensors) {
    const bool mean = name.ends_with("running_mean"), variance = name.ends_with("running_var");
    if (!mean && !variance) continue;
    std::vector<float> values(tensor.bytes.size() / 4);
    for (float& value : values) {
      value = static_cast<float>(mean ? rng.uniform(-0.2, 0.2) : rng.uniform(0.5, 2));
    }
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  }
  return file;
}

class Comparison {
 public:
  Comparison(const ArchGraph& graph, const std::string& engine)
      : graph_(graph), engine_(engine), weights_(used_weights(graph)), model_(graph, RngKey{}) {
    const auto file = folder_.path() / "m.safetensors";
    write_file_atomically(file, format_tensor_file(weights_));
    load_model(model_, file);
    const TensorType& type = graph.output_types(graph.graph_inputs()[0])[0];
    dims_ = "2";
    for (const std::int64_t dim : type.shape.dims()) dims_ += "," + std::to_string(dim);
    Rng rng({.seed = 8, .purpose = Purpose::kTest});
    input_.resize(static_cast<std::size_t>(2 * type.shape.elements()));
    for (float& value : input_) value = static_cast<float>(rng.normal());
    expected_ = model_.predict(input_, 2);
  }

  const TensorFile& weights() const { return weights_; }

  /// The largest difference as a share of the largest number.
  double difference(const ArchGraph& graph, const TensorFile& weights,
                    const OnnxExportOptions& options) {
    write("m.onnx", format_onnx(to_onnx(graph, &weights, options)));
    write("in", std::string(reinterpret_cast<const char*>(input_.data()), input_.size() * 4));
    const std::string command = "cd " + folder_.path().string() + " && NODE_PATH=" + engine_ +
                                "/node_modules node " NAS_RUN_ONNX " m.onnx " + dims_ +
                                " in out 2>error";
    if (std::system(command.c_str()) != 0) {
      MESSAGE(read_file(folder_.path() / "error"));
      return HUGE_VAL;
    }
    const std::string bytes = read_file(folder_.path() / "out");
    std::vector<float> found(bytes.size() / 4);
    std::memcpy(found.data(), bytes.data(), bytes.size());
    if (found.size() != expected_.size()) return HUGE_VAL;
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(expected_[i])));
      difference = std::max(difference, std::abs(static_cast<double>(expected_[i]) - found[i]));
    }
    return difference / largest;
  }

 private:
  void write(const char* name, const std::string& content) const {
    write_file_atomically(folder_.path() / name, content);
  }

  TemporaryDirectory folder_;
  const ArchGraph& graph_;
  std::string engine_;
  TensorFile weights_;
  Model model_;
  std::string dims_;
  std::vector<float> input_, expected_;
};

constexpr double kTolerance = 1e-4;

}  // namespace

TEST_CASE("acceptance: ONNX Runtime computes every operation of every opset as LibTorch does") {
  const std::string folder = engine();
  if (folder.empty()) return;
  for (const std::string& lines : {test::kImages, test::kSequences}) {
    const ArchGraph graph = parse_graph("searchlight-graph 1\n" + lines);
    Comparison comparison(graph, folder);
    const WeightedGraph folded = fold_batch_norm(graph, comparison.weights());
    for (int opset = test::first_opset(lines); opset <= kLastOnnxOpset; ++opset) {
      CAPTURE(opset);
      const OnnxExportOptions open{.opset = opset, .dynamic_batch = true};
      const OnnxExportOptions fixed{.opset = opset, .batch = 2};
      CHECK(comparison.difference(graph, comparison.weights(), open) < kTolerance);
      CHECK(comparison.difference(folded.graph, folded.weights, fixed) < kTolerance);
    }
  }
}

TEST_CASE("acceptance: ONNX Runtime computes a network of every space as LibTorch does") {
  const std::string folder = engine();
  if (folder.empty()) return;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    Rng rng({.seed = 6, .purpose = Purpose::kTest});
    Task task = space->info().default_task;
    if (space->info().small_width > 0) task.width = space->info().small_width;
    if (space->info().small_depth > 0) task.depth = space->info().small_depth;
    const ArchGraph graph = space->build(sample(*space, rng), space->settle(task));
    Comparison comparison(graph, folder);
    const WeightedGraph simple = simplified_with_weights(graph, comparison.weights());
    const WeightedGraph folded = fold_batch_norm(simple.graph, simple.weights);
    CHECK(comparison.difference(graph, comparison.weights(), {.opset = 13, .batch = 2}) <
          kTolerance);
    CHECK(comparison.difference(folded.graph, folded.weights,
                                {.opset = 17, .dynamic_batch = true}) < kTolerance);
  }
}

}  // namespace nas
