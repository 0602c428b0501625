#include "core/onnx/import_graph.h"

#include <algorithm>

#include "core/onnx/graph_reader.h"
#include "core/onnx/import_checks.h"
#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/read_onnx.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// An ONNX file of 2 GiB has no more numbers; shared tensors could make any number of copies.
constexpr std::int64_t kMostWeights = std::int64_t{1} << 29;
/// Of those that are equal numbers (ConstantOfShape), which take no place in a file.
constexpr std::int64_t kMostMade = std::int64_t{1} << 27;

std::string node_text(const OnnxNode& node, std::size_t index) {
  constexpr std::size_t kShown = 100;
  const std::string name = node.name.empty() ? std::to_string(index)
                                             : "'" + printable(node.name.substr(0, kShown)) + "'";
  return "node " + name + " (" + printable(node.op_type.substr(0, kShown)) + ")";
}

/// Whether a constant that is an input without numbers may stand there.
bool is_weight_place(const OnnxNode& node, std::size_t input) {
  constexpr std::string_view kOwners[] = {"Conv", "Gemm", "BatchNormalization",
                                          "LayerNormalization"};
  return input > 0 && std::ranges::find(kOwners, node.op_type) != std::end(kOwners);
}

void note_readers(GraphReader& reader) {
  for (std::size_t i = 0; i < reader.model.nodes.size(); ++i) {
    for (const std::string& input : reader.model.nodes[i].inputs) {
      if (!input.empty()) reader.readers[input].push_back(i);
    }
  }
  for (const OnnxValueInfo& output : reader.model.outputs) reader.outputs.insert(output.name);
}

ImportedValue constant_value(Constant constant) {
  return {.kind = ImportedValue::Kind::kConstant, .constant = std::move(constant)};
}

/// An input that only stands where weights do: the network was written without them.
bool is_declared_weight(const GraphReader& reader, const OnnxValueInfo& info) {
  const auto found = reader.readers.find(info.name);
  if (found == reader.readers.end() || reader.outputs.contains(info.name)) return false;
  if (info.weight) return true;
  return std::ranges::all_of(found->second, [&](std::size_t index) {
    const OnnxNode& node = reader.model.nodes[index];
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == info.name && !is_weight_place(node, i)) return false;
    }
    return true;
  });
}

void add_constants(GraphReader& reader) {
  for (const OnnxTensor& tensor : reader.model.initializers) {
    reader.values[tensor.name] = constant_value(
        {.type = tensor.type, .dims = tensor.dims, .stored = &tensor, .learned = true});
  }
  for (const OnnxValueInfo& info : reader.model.inputs) {
    if (reader.values.contains(info.name) || !is_declared_weight(reader, info)) continue;
    OnnxTensor& tensor = reader.declared.emplace_back();
    tensor.name = info.name;
    tensor.type = info.type;
    for (const OnnxDim& dim : info.dims) {
      if (dim.value < 0) {
        throw Error(ErrorKind::kUnsupported,
                    "weight '" + printable(info.name) + "' has an open dimension");
      }
      tensor.dims.push_back(dim.value);
    }
    reader.values[info.name] = constant_value(
        {.type = tensor.type, .dims = tensor.dims, .stored = &tensor, .learned = true});
  }
}

/// Constants of nodes, before all others: patterns are recognised by what comes later in the file.
void add_constant_nodes(GraphReader& reader) {
  for (std::size_t i = 0; i < reader.model.nodes.size(); ++i) {
    const OnnxNode& node = reader.model.nodes[i];
    if (node.op_type != "Constant" || node.outputs.empty() || node.attributes.empty()) continue;
    Constant constant;
    for (const OnnxAttribute& attribute : node.attributes) {
      if (attribute.name == "value" && !attribute.tensors.empty()) {
        const OnnxTensor& tensor = attribute.tensors[0];
        constant = {.type = tensor.type, .dims = tensor.dims, .stored = &tensor};
      } else if (attribute.name == "value_int") {
        constant = int_constant({}, {attribute.integer});
      } else if (attribute.name == "value_ints") {
        constant = int_constant({static_cast<std::int64_t>(attribute.ints.size())}, attribute.ints);
      } else if (attribute.name == "value_float") {
        constant = real_constant({}, {static_cast<double>(attribute.real)});
      } else if (attribute.name == "value_floats") {
        constant = real_constant({static_cast<std::int64_t>(attribute.reals.size())},
                                 {attribute.reals.begin(), attribute.reals.end()});
      }
    }
    if (constant.type == OnnxType::kUndefined) continue;
    reader.values[node.outputs[0]] = constant_value(std::move(constant));
    reader.claimed[i] = true;
  }
}

void add_inputs(GraphReader& reader) {
  bool first = true;
  for (const OnnxValueInfo& info : reader.model.inputs) {
    if (reader.values.contains(info.name)) continue;
    const std::int64_t batch = input_batch(info);
    if (!first && batch != reader.batch) {
      throw Error(ErrorKind::kData,
                  "input '" + printable(info.name) + "' has another batch size than the first");
    }
    first = false;
    reader.batch = batch;
    const TensorType type = input_type(info);
    reader.values[info.name] = {.kind = ImportedValue::Kind::kTensor,
                                .value = reader.builder.input(type)};
  }
  if (first) throw Error(ErrorKind::kData, "the network has no input");
}

bool all_constant(const GraphReader& reader, const OnnxNode& node) {
  return std::ranges::all_of(node.inputs, [&](const std::string& input) {
    return input.empty() || reader.values.at(input).kind == ImportedValue::Kind::kConstant;
  });
}

/// What a node computes, as long as all of them together stay within what they may. At most one
/// constant is computed in vain.
Constant fold_within(GraphReader& reader, const OnnxNode& node,
                     std::span<const Constant* const> inputs) {
  Constant result;
  if (reader.folded <= kMostFoldedInAll) {
    result = fold(reader.model, node, inputs);
    if (result.ints != nullptr || result.reals != nullptr) reader.folded += result.elements();
  }
  if (reader.folded > kMostFoldedInAll) {
    throw Error(ErrorKind::kUnsupported, "computed constants of more than " +
                                             std::to_string(kMostFoldedInAll) + " numbers in all");
  }
  return result;
}

void read_constant_node(GraphReader& reader, const OnnxNode& node) {
  std::vector<const Constant*> inputs;
  for (const std::string& input : node.inputs) {
    inputs.push_back(input.empty() ? nullptr : &reader.values.at(input).constant);
  }
  if (node.outputs.empty()) return;
  // A weight that is only renamed stays one.
  const bool renamed = node.op_type == "Identity" && inputs.size() == 1 && inputs[0] != nullptr;
  Constant result = renamed ? *inputs[0] : fold_within(reader, node, inputs);
  reader.values[node.outputs[0]] = constant_value(std::move(result));
}

/// Of what could not be read: all of it in one text, the first few in words.
class Failures {
 public:
  void add(const std::string& text, ErrorKind kind) {
    unsupported_ = unsupported_ || kind == ErrorKind::kUnsupported;
    if (++count_ <= kShown) texts_.push_back(text);
  }
  void raise() const {
    if (count_ == 0) return;
    std::string text = join(texts_, "; ");
    if (count_ > kShown) text += "; and " + std::to_string(count_ - kShown) + " more";
    throw Error(unsupported_ ? ErrorKind::kUnsupported : ErrorKind::kData, text);
  }

 private:
  static constexpr std::size_t kShown = 6;
  std::size_t count_ = 0;
  bool unsupported_ = false;
  std::vector<std::string> texts_;
};

void read_node(GraphReader& reader, std::size_t index) {
  const OnnxNode& node = reader.model.nodes[index];
  if (!node.inputs.empty() && all_constant(reader, node)) return read_constant_node(reader, node);
  const OnnxReading* reading = find_reading(node.op_type);
  if (reading == nullptr) {
    throw Error(ErrorKind::kUnsupported, "reads what the network computes");
  }
  NodeReader view(reader, index);
  reading->read(view);
}

bool reads_unknown(const GraphReader& reader, const OnnxNode& node) {
  return std::ranges::any_of(node.inputs, [&](const std::string& input) {
    return !input.empty() && reader.values.at(input).kind == ImportedValue::Kind::kUnknown;
  });
}

void read_nodes(GraphReader& reader) {
  const DeclaredTypes declared(reader.model);
  Failures failures;
  for (const std::size_t index : reading_order(reader.model)) {
    const OnnxNode& node = reader.model.nodes[index];
    try {
      if (!reader.claimed[index] && !reads_unknown(reader, node)) {
        read_node(reader, index);
        for (const std::string& output : node.outputs) {
          const auto found = reader.values.find(output);
          if (found == reader.values.end() || found->second.kind != ImportedValue::Kind::kTensor) {
            continue;
          }
          if (found->second.border.empty()) {
            declared.check(output, reader.builder.type(found->second.value), reader.batch);
          }
        }
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kInternal) throw;
      failures.add(node_text(node, index) + ": " + error.what(), error.kind());
    }
    for (const std::string& output : node.outputs) reader.values.try_emplace(output);
  }
  failures.raise();
}

/// Names of outputs that our graph can hold.
std::string output_name(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool plain = c > 0x20 && c < 0x7f && c != '#' && c != '@';
    text += plain ? c : '_';
  }
  return text.empty() ? "output" : text;
}

void add_outputs(GraphReader& reader) {
  for (const OnnxValueInfo& output : reader.model.outputs) {
    const auto found = reader.values.find(output.name);
    if (found == reader.values.end()) {
      throw Error(ErrorKind::kData, "output '" + printable(output.name) + "' is given by no node");
    }
    if (found->second.kind != ImportedValue::Kind::kTensor || !found->second.border.empty()) {
      throw Error(ErrorKind::kUnsupported, "output '" + printable(output.name) +
                                               "' is not what a layer of the network computes");
    }
    reader.builder.output(output_name(output.name), found->second.value);
  }
}

std::vector<float> transposed(const std::vector<float>& values, std::size_t rows) {
  std::vector<float> result(values.size());
  const std::size_t columns = rows == 0 ? 0 : values.size() / rows;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      result[column * rows + row] = values[row * columns + column];
    }
  }
  return result;
}

TensorFile read_weights(const GraphReader& reader, const ArchGraph& graph) {
  TensorFile file;
  std::int64_t total = 0, made = 0;
  for (const WeightUse& use : reader.weights) {
    const ParamList params = graph.params(use.node);
    const auto spec = std::ranges::find(params, use.param, &ParamSpec::name);
    if (spec == params.end()) continue;
    total += spec->shape.elements();
    if (total > kMostWeights) {
      throw Error(ErrorKind::kUnsupported,
                  "its layers have more than " + std::to_string(kMostWeights) + " weights");
    }
    const auto count = static_cast<std::size_t>(spec->shape.elements());
    std::vector<float> values;
    if (use.constant) {  // nothing of the file
      values.assign(count, *use.constant);
    } else if (use.from.all) {
      made += spec->shape.elements();
      if (made > kMostMade) {
        throw Error(ErrorKind::kUnsupported, "more than " + std::to_string(kMostMade) +
                                                 " weights that are a number and its repetition");
      }
      if (use.from.elements() == spec->shape.elements()) {
        values.assign(count, static_cast<float>(*use.from.all));
      }
    } else if (use.from.stored != nullptr) {
      values = tensor_reals(reader.model, *use.from.stored);
    } else {
      const std::vector<double> reals = small_reals(reader.model, use.from);
      values.assign(reals.begin(), reals.end());
    }
    const std::string name = graph.path(use.node) + "." + std::string(use.param);
    if (values.size() != count) {
      throw Error(ErrorKind::kData, "weight '" + name + "' has " + std::to_string(values.size()) +
                                        " numbers, expected " + std::to_string(count));
    }
    if (use.transposed != use.from.turned) {
      // The rows as they lie in the file, of a matrix that may be computed.
      const std::int64_t rows = use.from.dims.at(use.from.turned ? 1 : 0);
      values = transposed(values, static_cast<std::size_t>(rows));
    }
    const auto dims = spec->shape.dims();
    StoredTensor tensor{"F32", {dims.begin(), dims.end()}, {}};
    tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * 4);
    file.tensors[name] = std::move(tensor);
  }
  return file;
}

ImportedNetwork import(const OnnxModel& model, bool with_weights) {
  check_model(model);
  GraphReader reader{.model = model};
  reader.claimed.assign(model.nodes.size(), false);
  note_readers(reader);
  add_constants(reader);
  add_constant_nodes(reader);
  add_inputs(reader);
  read_nodes(reader);
  add_outputs(reader);
  ImportedNetwork network{.graph = reader.builder.finish()};
  network.batch = reader.batch == kOpenBatch ? 0 : reader.batch;
  if (with_weights) network.weights = read_weights(reader, network.graph);
  return network;
}

}  // namespace

ImportedNetwork to_graph(const OnnxModel& model, bool with_weights) {
  try {
    return import(model, with_weights);
  } catch (const Error& error) {
    // What a builder calls a wrong use is wrong data here: nobody typed it.
    const ErrorKind kind = error.kind() == ErrorKind::kUsage ? ErrorKind::kData : error.kind();
    throw Error(kind, printable(model.source) + ": " + error.what());
  }
}

}  // namespace nas
