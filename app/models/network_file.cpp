#include "app/models/network_file.h"

#include <algorithm>
#include <array>

#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/ir/same/simplify.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/qasm.h"
#include "core/runtime/checkpoint.h"
#include "core/runtime/weighted_model.h"
#include "core/tflite/import_graph.h"
#include "core/tflite/read_tflite.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kTestAccuracy = "test_accuracy";

FileNetwork read_onnx_network(const std::filesystem::path& path, bool with_weights) {
  const OnnxModel model = read_onnx(path);
  ImportedNetwork imported = to_graph(model, with_weights);
  return {.path = path,
          .graph = std::move(imported.graph),
          .weights = std::move(imported.weights),
          .metadata = model.metadata,
          .form = "ONNX, opset " + std::to_string(model.opset()),
          .batch = imported.batch};
}

FileNetwork read_tflite_network(const std::filesystem::path& path, bool with_weights) {
  const TfliteModel model = read_tflite(path);
  TfliteNetwork imported = to_graph(model, with_weights);
  FileNetwork network{.path = path,
                      .graph = std::move(imported.graph),
                      .weights = std::move(imported.weights),
                      .form = "TensorFlow Lite",
                      .batch = 1};
  if (!model.inputs.empty()) {
    network.form += ", " + to_string(model.tensors[static_cast<std::size_t>(model.inputs[0])].type);
  }
  if (!model.description.empty()) network.metadata.emplace_back("description", model.description);
  return network;
}

FileNetwork read_model_network(const std::filesystem::path& path, bool with_weights) {
  TensorFile file = parse_tensor_file(read_file(path), path.string());
  FileNetwork network{
      .path = path, .graph = stored_graph(file, path.string()), .form = "model file"};
  for (const auto& [key, value] : file.metadata) {
    if (key != kGraphKey) network.metadata.emplace_back(key, value);
  }
  if (with_weights) network.weights = std::move(file);
  return network;
}

FileNetwork read_circuit(const std::filesystem::path& path, bool) {
  return {.path = path,
          .graph = to_graph(parse_qasm(read_file(path), path.string())),
          .form = "OpenQASM"};
}

FileNetwork read_graph_text(const std::filesystem::path& path, bool) {
  const std::string text = read_file(path);
  try {
    return {.path = path, .graph = parse_graph(text), .form = "graph"};
  } catch (const Error& error) {
    throw error.with_context(path.string());
  }
}

/// A form of file that holds a network.
struct NetworkForm {
  std::string_view ending;
  FileNetwork (*read)(const std::filesystem::path& path, bool with_weights);
  bool weights = true;
  bool circuit = false;
};
constexpr NetworkForm kModelFile{"safetensors", read_model_network};
constexpr std::array kNetworkForms = {
    NetworkForm{"onnx", read_onnx_network}, NetworkForm{"tflite", read_tflite_network},
    NetworkForm{.ending = "qasm", .read = read_circuit, .weights = false, .circuit = true},
    NetworkForm{.ending = "graph", .read = read_graph_text, .weights = false}, kModelFile};

/// Null for another ending.
const NetworkForm* find_form(const std::filesystem::path& path) {
  const auto found = std::ranges::find_if(kNetworkForms, [&](const NetworkForm& form) {
    return known_form(path, form.ending).has_value();
  });
  return found == kNetworkForms.end() ? nullptr : &*found;
}

/// Others are read as model files, whose reader says what they are instead.
const NetworkForm& form_of(const std::filesystem::path& path) {
  const NetworkForm* form = find_form(path);
  return form == nullptr ? kModelFile : *form;
}

}  // namespace

bool is_network_file(std::string_view word) {
  return !word.starts_with('@') && find_form(std::filesystem::path(word)) != nullptr;
}

std::vector<std::string_view> network_file_endings() {
  std::vector<std::string_view> endings;
  for (const NetworkForm& form : kNetworkForms) endings.push_back(form.ending);
  return endings;
}

bool has_weights(const std::filesystem::path& network_file) {
  return form_of(network_file).weights;
}

FileNetwork read_network_file(const std::filesystem::path& path, bool with_weights) {
  return form_of(path).read(path, with_weights);
}

std::string network_heading(std::string_view name, const FileNetwork& network) {
  const ArchGraph& graph = network.graph;
  if (form_of(network.path).circuit) {
    const std::size_t wires = graph.graph_outputs().size();
    return "circuit of " + printable(name) + " (" + network.form + "): " + std::to_string(wires) +
           (wires == 1 ? " qubit" : " qubits");
  }
  std::vector<std::string> parts;
  for (const NodeId input : graph.graph_inputs()) {
    parts.push_back("input " + to_string(graph.output_types(input)[0].shape));
  }
  for (const GraphOutput& output : graph.graph_outputs()) {
    parts.push_back(printable(output.name) + " " + to_string(graph.type(output.value).shape));
  }
  return "network of " + printable(name) + " (" + network.form + "): " + join(parts, ", ");
}

std::map<std::string, std::string> network_metadata(const std::filesystem::path& path) {
  // Their networks may be large, and ONNX files may hold what cannot be read.
  const NetworkForm& form = form_of(path);
  if (form.ending == kModelFile.ending) return read_model_metadata(path);
  if (form.ending == "onnx") {
    const OnnxModel model = read_onnx(path);
    return {model.metadata.begin(), model.metadata.end()};
  }
  const FileNetwork network = form.read(path, false);
  return {network.metadata.begin(), network.metadata.end()};
}

void require_weights(const FileNetwork& network) {
  if (has_weights(network.path) || graph_cost(network.graph).params == 0) return;
  throw Error(ErrorKind::kUsage, printable(network.path.string()) +
                                     " holds a network without weights; `nasctl arch train` "
                                     "trains it and saves a model");
}

Model open_network(const std::filesystem::path& path) {
  return open_network(read_network_file(path, true));
}

Model open_network(const FileNetwork& network) {
  const std::filesystem::path& path = network.path;
  if (form_of(path).circuit) {
    throw Error(ErrorKind::kUsage, path.string() + " is a quantum circuit, not a trained network");
  }
  require_weights(network);
  return weighted_model(network.graph, network.weights, path.string());
}

std::string format_model_file(const ArchGraph& graph, TensorFile weights) {
  weights.metadata[std::string(kGraphKey)] = to_text(graph);
  return format_tensor_file(weights);
}

std::string format_model_file(FileNetwork network) {
  for (const auto& [key, value] : network.metadata) network.weights.metadata[key] = value;
  return format_model_file(network.graph, std::move(network.weights));
}

std::string format_onnx_file(const ArchGraph& graph, const TensorFile* weights,
                             const OnnxChoice& choice) {
  if (choice.fold_batch_norm && weights == nullptr) {
    throw Error(ErrorKind::kUsage, "batch normalisation folds into weights: there are none");
  }
  WeightedGraph network{graph, {}};
  const TensorFile* tensors = weights;
  if (choice.simplified && weights == nullptr) network.graph = simplified(graph);
  if (choice.simplified && weights != nullptr) {
    network = simplified_with_weights(graph, *weights);
    tensors = &network.weights;
  }
  if (choice.fold_batch_norm) {
    network = fold_batch_norm(network.graph, *tensors);
    tensors = &network.weights;
  }
  return format_onnx(to_onnx(
      network.graph, tensors,
      {.opset = choice.opset, .dynamic_batch = choice.dynamic_batch, .metadata = choice.metadata}));
}

std::vector<std::pair<std::string, std::string>> onnx_metadata(
    const std::vector<std::pair<std::string, std::string>>& metadata) {
  const auto named = [&](std::string_view wanted) {
    return std::find_if(metadata.begin(), metadata.end(),
                        [&](const auto& one) { return one.first == wanted; });
  };
  auto accuracy = named("accuracy");
  if (accuracy == metadata.end()) accuracy = named(kTestAccuracy);
  std::vector<std::pair<std::string, std::string>> result;
  if (accuracy != metadata.end()) result.emplace_back("accuracy", accuracy->second);
  for (const auto& one : metadata) {
    if (one.first != "accuracy") result.push_back(one);
  }
  return result;
}

}  // namespace nas
