#include <cmath>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"

// Along the last axis.
namespace nas {
namespace {

/// Before opset 13 the axis begins a block of axes; the last one is a block by itself.
void write_softmax(NodeWriter& node) {
  const auto last = static_cast<std::int64_t>(node.input_shape().rank());
  node.result("Softmax", {node.input()}, {int_attribute("axis", node.opset() >= 13 ? -1 : last)});
}

// mean = sum a x; deviation = sqrt(max(sum a x^2 - mean^2, least)); [N, C, T] -> [N, 2 C]
void write_weighted_stats(NodeWriter& node) {
  const auto sum_of = [&](const char* part, const std::string& of) {
    NodeWriter::Names inputs{of};
    NodeWriter::Attributes attributes;
    node.axes(inputs, attributes, std::string(part) + "_axes", {2}, 13);
    attributes.push_back(int_attribute("keepdims", 0));
    return node.step(part, "ReduceSum", inputs, attributes);
  };
  const std::string product = node.step("product", "Mul", {node.input(0), node.input(1)});
  const std::string mean = sum_of("mean", product);
  const std::string square = node.step("square", "Mul", {product, node.input(0)});
  const std::string second = sum_of("second", square);
  const std::string mean_square = node.step("mean_square", "Mul", {mean, mean});
  const std::string variance = node.step("variance", "Sub", {second, mean_square});
  const double least = node.real("min_variance");
  const std::string floor =
      node.opset() >= 11
          ? node.step("floor", "Clip", {variance, node.reals("least", {static_cast<float>(least)})})
          : node.step("floor", "Clip", {variance}, {real_attribute("min", least)});
  const std::string deviation = node.step("deviation", "Sqrt", {floor});
  node.result("Concat", {mean, deviation}, {int_attribute("axis", 1)});
}

/// Along one axis from opset 13 on; before, all axes from that one on are one.
void read_softmax(NodeReader& node) {
  const Value x = node.tensor();
  const Shape& shape = node.shape(x);
  const bool joint = node.opset() < 13;
  const std::int64_t axis = node.axis(node.integer("axis", joint ? 1 : -1), shape.rank());
  if (axis == 0) node.unsupported("mixes the batch with other dimensions");
  const auto first = static_cast<std::size_t>(axis) - 1;
  std::vector<std::int64_t> old(shape.dims().begin(), shape.dims().end());
  std::vector<std::int64_t> dims(old.begin(), old.begin() + axis);
  bool alone = true;  // behind the axis
  for (std::size_t i = first + 1; i < old.size(); ++i) {
    alone = alone && old[i] == 1;
    dims[first] *= old[i];
  }
  if (!joint && !alone) node.unsupported("only the last axis is read");
  node.give(reshaped(node, node.add("softmax", {reshaped(node, x, dims)}), old));
}

void read_part(NodeReader& node) {
  node.unsupported("is read as a part of a pattern only");
}

constexpr OnnxWriting kWritings[] = {
    {"softmax", write_softmax},
    {"weighted_stats", write_weighted_stats},
};
constexpr OnnxReading kReadings[] = {{"ReduceSum", read_part}, {"Softmax", read_softmax}};

}  // namespace

extern constinit const OnnxMappings sequence_mappings{kWritings, kReadings};

}  // namespace nas
