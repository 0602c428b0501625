#include <cmath>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"

// Tensors with tensors and with numbers.
namespace nas {
namespace {

NodeWriter::Names all_inputs(const NodeWriter& node) {
  NodeWriter::Names names;
  for (std::size_t i = 0; i < node.input_count(); ++i) names.push_back(node.input(i));
  return names;
}

void write_add(NodeWriter& node) {
  if (node.input_count() == 1) return node.pass();
  node.result(node.input_count() == 2 ? "Add" : "Sum", all_inputs(node));
}

void write_multiply(NodeWriter& node) {
  node.result("Mul", all_inputs(node));
}

void write_concat(NodeWriter& node) {
  if (node.input_count() == 1) return node.pass();
  node.result("Concat", all_inputs(node), {int_attribute("axis", 1)});
}

void write_scale(NodeWriter& node) {
  node.result("Mul",
              {node.input(), node.reals("factor", {static_cast<float>(node.real("factor"))})});
}

void add_tensors(NodeReader& node) {
  std::vector<Value> terms;
  for (std::size_t i = 0; i < node.node().inputs.size(); ++i) terms.push_back(node.tensor(i));
  node.give(node.add("add", terms));
}

void read_add(NodeReader& node) {
  if (node.node().inputs.size() != 2) node.wrong("has not two inputs");
  if (node.is_tensor(0) && node.is_tensor(1)) return add_tensors(node);
  const std::size_t x = node.is_tensor(0) ? 0 : 1;
  if (is_number(node.number(1 - x), 0)) return node.give(node.tensor(x));
  if (read_hard_swish(node) || read_position_embedding(node)) return;
  node.unsupported("adds a constant to what the network computes");
}

void read_sub(NodeReader& node) {
  if (is_number(node.number(1), 0)) return node.give(node.tensor());
  node.unsupported("is read as a part of a layer normalisation only");
}

/// Files have single precision; the scale of an attention was 1 / sqrt(channels).
double as_meant(double factor) {
  constexpr double kMost = 4096;
  const double channels = std::round(1 / (factor * factor));
  if (!(factor > 0) || !(channels >= 1) || channels > kMost) return factor;
  const double exact = 1 / std::sqrt(channels);
  return static_cast<float>(exact) == static_cast<float>(factor) ? exact : factor;
}

void times_number(NodeReader& node, std::size_t x, double factor) {
  const Value value = node.tensor(x);
  if (factor == 1) return node.give(value);
  // What PyTorch writes for the absent connection of a cell: x * 0.
  if (factor == 0) return node.give(node.add("zero", {value}));
  node.give(node.add("scale_by", {value}, {{"factor", as_meant(factor)}}));
}

void read_mul(NodeReader& node) {
  if (node.node().inputs.size() != 2) node.wrong("has not two inputs");
  const bool first = node.is_tensor(0), second = node.is_tensor(1);
  if (first != second) {
    const auto factor = node.number(first ? 1 : 0);
    if (!factor && read_channel_scale(node)) return;
    if (!factor) node.unsupported("multiplies by a constant tensor");
    if (first && read_gelu_of_erf(node)) return;
    return times_number(node, first ? 0 : 1, *factor);
  }
  if (read_weighted_stats(node)) return;
  const Value a = node.tensor(0), b = node.tensor(1);
  // The factor for each channel comes second.
  const bool gate_first = node.shape(a).elements() < node.shape(b).elements();
  node.give(gate_first ? node.add("multiply", {b, a}) : node.add("multiply", {a, b}));
}

void read_div(NodeReader& node) {
  const auto divisor = node.number(1);
  if (!divisor || *divisor == 0) node.unsupported("only divisions by a number are read");
  if (read_gelu_of_erf(node)) return;
  times_number(node, 0, 1 / *divisor);
}

void read_concat(NodeReader& node) {
  std::vector<Value> parts;
  for (std::size_t i = 0; i < node.node().inputs.size(); ++i) parts.push_back(node.tensor(i));
  if (parts.empty()) node.wrong("has no inputs");
  const std::size_t rank = node.shape(parts[0]).rank();
  if (node.axis(node.integer("axis", 1), rank) != 1) {
    node.unsupported("only channels (axis 1) are put together");
  }
  node.give(node.add("concat", parts));
}

constexpr OnnxWriting kWritings[] = {
    {"add", write_add},
    {"concat", write_concat},
    {"mix", nullptr, "an open choice of a supernet; export one of its architectures"},
    {"multiply", write_multiply},
    {"scale_by", write_scale},
};
constexpr OnnxReading kReadings[] = {
    {"Add", read_add}, {"Concat", read_concat}, {"Div", read_div},
    {"Mul", read_mul}, {"Sub", read_sub},       {"Sum", add_tensors},
};

}  // namespace

extern constinit const OnnxMappings arithmetic_mappings{kWritings, kReadings};

}  // namespace nas
