#include "tests/core/onnx/exported_network.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/ir/forms/text_form.h"
#include "core/ir/same/digest.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/runtime/checkpoint.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas::test {
namespace {

/// Initial weights with statistics as a training leaves them: not 0 and 1.
TensorFile used_weights(const ArchGraph& graph) {
  TensorFile file = initial_weights(graph);
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  for (auto& [name, tensor] : file.tensors) {
    const bool mean = name.ends_with("running_mean"), variance = name.ends_with("running_var");
    if (!mean && !variance) continue;
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    for (float& value : values) {
      value = static_cast<float>(mean ? rng.uniform(-0.2, 0.2) : rng.uniform(0.5, 2));
    }
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  }
  return file;
}

Model model_of(const ArchGraph& graph, const TensorFile& weights) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "m.safetensors";
  write_file_atomically(file, format_tensor_file(weights));
  Model model(graph, RngKey{});
  load_model(model, file);
  return model;
}

bool equal(const OnnxTensor& a, const OnnxTensor& b) {
  return a.name == b.name && a.type == b.type && a.dims == b.dims && a.bytes == b.bytes;
}

bool equal(const OnnxAttribute& a, const OnnxAttribute& b) {
  return a.name == b.name && a.type == b.type && a.real == b.real && a.integer == b.integer &&
         a.text == b.text && a.reals == b.reals && a.ints == b.ints && a.texts == b.texts &&
         std::ranges::equal(a.tensors, b.tensors,
                            [](const auto& x, const auto& y) { return equal(x, y); });
}

bool equal(const OnnxNode& a, const OnnxNode& b) {
  return a.op_type == b.op_type && a.name == b.name && a.inputs == b.inputs &&
         a.outputs == b.outputs && a.domain == b.domain &&
         std::ranges::equal(a.attributes, b.attributes,
                            [](const auto& x, const auto& y) { return equal(x, y); });
}

/// What an opset can say of a graph: before opset 10 a pool does not say that it rounds its size up
/// where that changes nothing.
ArchGraph as_said(const ArchGraph& graph, std::int64_t opset) {
  const std::string up = "ceil_mode=true", down = "ceil_mode=false";
  ArchGraph said = graph;
  std::string text = opset >= 10 ? "" : to_text(graph);
  for (auto at = text.find(up); at != std::string::npos; at = text.find(up, at + 1)) {
    std::string other = text;
    other.replace(at, up.size(), down);
    try {
      said = parse_graph(other);
      text = std::move(other);
    } catch (const Error&) {  // it changes something
    }
  }
  return said;
}

}  // namespace

ExportedNetwork::ExportedNetwork(ArchGraph graph)
    : graph_(std::move(graph)), weights_(used_weights(graph_)) {
  const TensorType& type = graph_.output_types(graph_.graph_inputs()[0])[0];
  dims_.push_back(kBatch);
  for (const std::int64_t dim : type.shape.dims()) dims_.push_back(dim);
  Rng rng({.seed = 8, .purpose = Purpose::kTest});
  input_.resize(static_cast<std::size_t>(kBatch * type.shape.elements()));
  for (float& value : input_) value = static_cast<float>(rng.normal());
  expected_ = model_of(graph_, weights_).predict(input_, kBatch);
}

WeightedGraph ExportedNetwork::in_form(const ExportForm& form) const {
  WeightedGraph written =
      form.simplified ? simplified_with_weights(graph_, weights_) : WeightedGraph{graph_, weights_};
  return form.folded ? fold_batch_norm(written.graph, written.weights) : written;
}

OnnxRun ExportedNetwork::run(const ExportForm& form) const {
  const WeightedGraph written = in_form(form);
  return {format_onnx(to_onnx(written.graph, &written.weights, form.options)), dims_, input_};
}

OutputDifference ExportedNetwork::difference(std::span<const float> found) const {
  if (found.size() != expected_.size()) {
    throw Error(ErrorKind::kData, "the engine gives " + std::to_string(found.size()) +
                                      " numbers, expected " + std::to_string(expected_.size()));
  }
  OutputDifference result;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double expected = expected_[i], difference = std::abs(expected - found[i]);
    if (!std::isfinite(difference)) {
      throw Error(ErrorKind::kData, "an output is not a number");
    }
    result.largest = std::max(result.largest, std::abs(expected));
    result.difference = std::max(result.difference, difference);
  }
  return result;
}

ArchGraph small_network(const SearchSpace& space, Rng& rng) {
  Task task = space.info().default_task;
  if (space.info().small_width > 0) task.width = space.info().small_width;
  if (space.info().small_depth > 0) task.depth = space.info().small_depth;
  return space.build(sample(space, rng), space.settle(task));
}

std::string lost_in_file(const OnnxModel& model, const WeightedGraph& written) {
  const OnnxModel read = parse_onnx(format_onnx(model), "m.onnx");
  const auto same = [](const auto& a, const auto& b) { return equal(a, b); };
  if (!std::ranges::equal(read.nodes, model.nodes, same)) return "nodes or their attributes";
  if (!std::ranges::equal(read.initializers, model.initializers, same))
    return "tensors of the file";
  const ImportedNetwork network = to_graph(read, true);
  if (digest(network.graph) != digest(as_said(written.graph, read.opset()))) return "the graph";
  if (network.weights.tensors != written.weights.tensors) return "tensors of the network";
  return "";
}

}  // namespace nas::test
