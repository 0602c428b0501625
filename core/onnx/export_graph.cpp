#include "core/onnx/export_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/onnx/graph_writer.h"
#include "core/onnx/mapping.h"
#include "core/onnx/node_writer.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The oldest file format that an opset belongs to; from 4 on initializers need not be inputs too.
std::int64_t ir_version(int opset) {
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  if (opset >= 15) return 8;
  if (opset >= 12) return 7;
  return opset == 11 ? 6 : opset == 10 ? 5 : 4;
}

OnnxType type_of(Element element) {
  switch (element) {
    case Element::kIndex:
      return OnnxType::kInt64;
    case Element::kInt8:
      return OnnxType::kInt8;
    default:
      return OnnxType::kFloat;
  }
}

OnnxValueInfo declared(std::string name, const TensorType& type, const OnnxExportOptions& options) {
  OnnxValueInfo info{std::move(name), type_of(type.element), true, {}};
  info.dims.push_back(options.dynamic_batch ? OnnxDim{-1, "N"} : OnnxDim{options.batch, ""});
  for (const std::int64_t dim : type.shape.dims()) info.dims.push_back({dim, ""});
  return info;
}

/// By node: the name of its value. An output's value has the output's name.
std::vector<std::string> wanted_names(const GraphWriter& writer) {
  const ArchGraph& graph = writer.graph;
  std::set<std::string> outputs;
  std::map<NodeId, std::string> of_node;
  for (const GraphOutput& output : graph.graph_outputs()) {
    outputs.insert(output.name);
    of_node.emplace(output.value.node, output.name);
  }
  std::vector<std::string> names(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    const auto found = of_node.find(node);
    names[node] = found != of_node.end() && !graph.inputs(node).empty() ? found->second
                                                                        : writer.node_name(node);
    // A node's path can be what an output is called: "relu".
    if (found == of_node.end() && outputs.contains(names[node])) names[node] += ".value";
  }
  return names;
}

/// Operations that have no ONNX form at all, each once with the reason.
void refuse_unmapped(const ArchGraph& graph) {
  std::map<std::string_view, std::string_view> refused;
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.inputs(node).empty()) continue;
    const OnnxWriting* writing = find_writing(graph.op(node).name);
    if (writing != nullptr && writing->write != nullptr) continue;
    const bool gate = graph.op(node).role == OpRole::kGate;
    refused[graph.op(node).name] = gate                 ? "a quantum gate; write OpenQASM (.qasm)"
                                   : writing == nullptr ? "has no ONNX mapping"
                                                        : writing->refusal;
  }
  if (refused.empty()) return;
  std::vector<std::string> texts;
  for (const auto& [op, reason] : refused) {
    texts.push_back(std::string(op) + " (" + std::string(reason) + ")");
  }
  throw Error(ErrorKind::kUnsupported, "cannot be written as ONNX: " + join(texts, ", "));
}

void write_nodes(GraphWriter& writer) {
  std::vector<std::string> failures;
  for (NodeId node = 0; node < writer.graph.size(); ++node) {
    if (writer.graph.inputs(node).empty()) continue;
    NodeWriter view(writer, node);
    try {
      find_writing(writer.graph.op(node).name)->write(view);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUnsupported) throw;
      if (failures.size() < 8) failures.push_back(error.what());
      writer.names[node] = writer.wanted[node];
    }
  }
  if (!failures.empty()) {
    throw Error(ErrorKind::kUnsupported,
                "opset " + std::to_string(writer.options.opset) + ": " + join(failures, "; "));
  }
}

void write_ports(GraphWriter& writer) {
  for (const NodeId node : writer.graph.graph_inputs()) {
    writer.names[node] = writer.wanted[node];
    writer.model.inputs.push_back(
        declared(writer.names[node], writer.graph.output_types(node)[0], writer.options));
  }
  write_nodes(writer);
  for (const GraphOutput& output : writer.graph.graph_outputs()) {
    const std::string& name = writer.names[output.value.node];
    if (name != output.name) {
      writer.model.nodes.push_back({"Identity", output.name, {name}, {output.name}, {}});
    }
    writer.model.outputs.push_back(
        declared(output.name, writer.graph.type(output.value), writer.options));
  }
}

}  // namespace

OnnxModel to_onnx(const ArchGraph& graph, const TensorFile* weights,
                  const OnnxExportOptions& options) {
  if (options.opset < kFirstOnnxOpset || options.opset > kLastOnnxOpset) {
    throw Error(ErrorKind::kUsage, "opset " + std::to_string(options.opset) + ", expected " +
                                       std::to_string(kFirstOnnxOpset) + " to " +
                                       std::to_string(kLastOnnxOpset));
  }
  refuse_unmapped(graph);
  GraphWriter writer{.graph = graph, .weights = weights, .options = options};
  writer.names.resize(graph.size());
  writer.model.nodes.reserve(graph.size());
  if (!options.sketch) writer.model.initializers.reserve(2 * graph.size());
  writer.model.values.reserve(graph.size());
  writer.wanted = wanted_names(writer);
  writer.model.ir_version = ir_version(options.opset);
  writer.model.producer = "Searchlight";
  writer.model.opsets = {{"", options.opset}};
  writer.model.graph_name = "network";
  writer.model.metadata = options.metadata;
  write_ports(writer);
  for (NodeId node = 0; node < graph.size(); ++node) {
    const std::string& name = writer.names[node];
    if (graph.inputs(node).empty() || name != writer.wanted[node]) continue;
    const bool output = std::ranges::any_of(
        graph.graph_outputs(), [&](const GraphOutput& out) { return out.name == name; });
    if (output) continue;
    writer.model.values.push_back(declared(name, graph.output_types(node)[0], options));
  }
  return std::move(writer.model);
}

TensorFile initial_weights(const ArchGraph& graph) {
  const Rng rng(RngKey{.purpose = Purpose::kInit});
  TensorFile file;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const ParamList params = graph.params(node);
    for (const ParamSpec& spec : params) {
      const std::string name = graph.path(node) + "." + std::string(spec.name);
      const auto dims = spec.shape.dims();
      std::vector<float> values(static_cast<std::size_t>(spec.shape.elements()),
                                spec.init == ParamInit::kOnes ? 1.0F : 0.0F);
      if (spec.init == ParamInit::kKaimingUniform || spec.init == ParamInit::kFanInBias) {
        Rng stream = rng.stream(stable_hash(name));
        const double bound =
            1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(spec.fan_in, 1)));
        for (float& value : values) value = static_cast<float>(stream.uniform(-bound, bound));
      }
      StoredTensor tensor{"F32", {dims.begin(), dims.end()}, {}};
      tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * 4);
      file.tensors.emplace(name, std::move(tensor));
    }
  }
  return file;
}

}  // namespace nas
