// Files with operators that are not supported: all of them stand in one error.

#include <doctest/doctest.h>

#include "core/onnx/import_graph.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "core/util/protobuf.h"
#include "tests/core/onnx/onnx_bytes.h"

namespace nas {
namespace {

using test::add_node;
using test::floats;
using test::model_of;
using test::read_back;
using test::scalar;

/// Integers of any width, all zero.
OnnxTensor zeros(std::string name, OnnxType type, std::vector<std::int64_t> dims) {
  OnnxTensor tensor{.name = std::move(name), .type = type, .dims = std::move(dims)};
  const auto bytes = static_cast<std::size_t>(tensor.elements() * bytes_of(type));
  tensor.owned = std::make_shared<const std::string>(bytes, '\0');
  tensor.bytes = *tensor.owned;
  tensor.place = OnnxTensor::Place::kRaw;
  return tensor;
}

/// Models as ONNX Runtime's static quantiser lays them out.
struct Quantised {
  OnnxModel model = model_of({3, 8, 8});

  Quantised() { model.opsets.emplace_back("com.microsoft", 1); }

  /// A tensor of activations goes through `type` and comes back as `from`_real: one scale.
  std::string activation(const std::string& from, OnnxType type = OnnxType::kUint8) {
    model.initializers.push_back(scalar(from + "_scale", 0.02F));
    model.initializers.push_back(zeros(from + "_zero_point", type, {}));
    add_node(model, "QuantizeLinear", {from, from + "_scale", from + "_zero_point"},
             {from + "_quantised"});
    add_node(model, "DequantizeLinear",
             {from + "_quantised", from + "_scale", from + "_zero_point"}, {from + "_real"});
    return from + "_real";
  }
  /// A tensor that is stored in integers, with a scale for each index of `axis`.
  std::string stored(const std::string& name, OnnxType type, const std::vector<std::int64_t>& dims,
                     std::size_t axis) {
    model.initializers.push_back(zeros(name + "_quantised", type, dims));
    model.initializers.push_back(floats(name + "_scale", {dims[axis]}, 0.01F));
    model.initializers.push_back(zeros(name + "_zero_point", type, {dims[axis]}));
    add_node(model, "DequantizeLinear",
             {name + "_quantised", name + "_scale", name + "_zero_point"}, {name},
             {int_attribute("axis", static_cast<std::int64_t>(axis))});
    return name;
  }
};

/// NodeProto with an attribute that is a graph.
std::string node_with_graph(std::string_view op_type, std::string_view input,
                            std::string_view output, std::string_view graph) {
  ProtobufWriter attribute, node;
  attribute.text(1, "body");
  attribute.text(6, graph);
  attribute.integer(20, 5);
  if (!input.empty()) node.text(1, input);
  node.text(2, output);
  node.text(4, op_type);
  node.text(5, attribute.bytes());
  return node.take();
}

std::string plain_node(std::string_view op_type, std::string_view domain = "") {
  ProtobufWriter node;
  node.text(2, "v");
  node.text(4, op_type);
  if (!domain.empty()) node.text(7, domain);
  return node.take();
}

std::string graph_of(std::initializer_list<std::string> nodes) {
  ProtobufWriter graph;
  for (const std::string& node : nodes) graph.text(1, node);
  return graph.take();
}

/// The error of the model of `x` and `y` whose one node is this NodeProto.
std::string error_of_node(const std::string& node) {
  const std::string bytes = format_onnx(model_of({4}));
  ProtobufReader fields(bytes);
  ProtobufWriter model;
  while (const auto field = fields.next()) {
    if (field->wire_type == 0) model.integer(field->number, field->as_int());
    if (field->wire_type != 2) continue;
    std::string value(field->bytes);
    if (field->number == 7) {
      ProtobufWriter more;
      more.text(1, node);
      value += more.bytes();
    }
    model.text(field->number, value);
  }
  try {
    to_graph(parse_onnx(model.bytes(), "m.onnx"));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("onnx: all unsupported operators stand in one error, beside an opset that is not read") {
  OnnxModel model = model_of({3, 8, 8});
  add_node(model, "Einsum", {"x"}, {"a"});
  add_node(model, "Einsum", {"a"}, {"b"});
  add_node(model, "NonMaxSuppression", {"b"}, {"c"});
  add_node(model, "Foo", {"c"}, {"y"});
  model.nodes.back().domain = "com.acme";
  const std::string operators =
      "m.onnx: operators are not supported: Einsum (2 times), NonMaxSuppression, com.acme.Foo";
  CHECK(read_back(model) == operators);
  model.opsets = {{"", 22}};
  CHECK(read_back(model) == operators +
                                "; opset 22; opsets 7 to 21 are read: export the model with one of "
                                "them");
  model.opsets = {{"com.acme", 1}};  // that of the standard is not stated
  CHECK(read_back(model) == operators);
}

TEST_CASE("onnx: a quantised network of convolution, product and sum is refused by all it needs") {
  Quantised file;
  OnnxModel& model = file.model;
  const std::string image = file.activation("x");
  const std::string weight = file.stored("w", OnnxType::kInt8, {4, 3, 3, 3}, 0);
  const std::string bias = file.stored("b", OnnxType::kInt32, {4}, 0);
  add_node(model, "Conv", {image, weight, bias}, {"c"}, {ints_attribute("pads", {1, 1, 1, 1})});
  const std::string left = file.activation("c");
  add_node(model, "Add", {left, left}, {"a"});
  const std::string sum = file.activation("a", OnnxType::kInt8);
  add_node(model, "GlobalAveragePool", {sum}, {"p"});
  add_node(model, "Flatten", {"p"}, {"f"});
  const std::string row = file.activation("f");
  const std::string matrix = file.stored("m", OnnxType::kInt8, {4, 10}, 1);
  add_node(model, "MatMul", {row, matrix}, {"last"});
  file.activation("last");
  model.outputs[0].name = "last_real";
  CHECK(read_back(model) ==
        "m.onnx: operators are not supported: DequantizeLinear (8 times), QuantizeLinear (5 "
        "times)");
}

TEST_CASE(
    "onnx: weights of four bits, two in one number, are refused by the operator that reads them") {
  ProtobufWriter tensor;
  tensor.packed(1, std::vector<std::int64_t>{5});
  tensor.integer(2, 22);  // INT4
  tensor.text(8, "w");
  tensor.packed(5, std::vector<std::int64_t>{1, 2, 3});
  const std::string message = tensor.bytes();
  OnnxModel model = model_of({5});
  model.initializers = {
      OnnxTensor{.name = "w", .place = OnnxTensor::Place::kFields, .bytes = message},
      scalar("scale", 0.1F)};
  add_node(model, "DequantizeLinear", {"w", "scale"}, {"d"});
  add_node(model, "Add", {"x", "d"}, {"y"});
  CHECK(read_back(model) == "m.onnx: an operator is not supported: DequantizeLinear");
}

TEST_CASE("onnx: operators on integers are named with their domain") {
  OnnxModel model = model_of({3, 8, 8});
  model.initializers.push_back(zeros("w", OnnxType::kInt8, {4, 3, 3, 3}));
  add_node(model, "DynamicQuantizeLinear", {"x"}, {"q", "scale", "zero"});
  add_node(model, "ConvInteger", {"q", "w", "zero"}, {"c"});
  add_node(model, "Cast", {"c"}, {"r"}, {int_attribute("to", 1)});
  add_node(model, "QLinearAdd", {"r", "scale", "zero"}, {"y"});
  model.nodes.back().domain = "com.microsoft";
  CHECK(read_back(model) ==
        "m.onnx: operators are not supported: ConvInteger, DynamicQuantizeLinear, "
        "com.microsoft.QLinearAdd");
  // Files of one such operator alone state no opset of the standard's.
  model.nodes.erase(model.nodes.begin(), model.nodes.begin() + 3);
  model.nodes[0].inputs = {"x"};
  model.opsets = {{"com.microsoft", 1}};
  CHECK(read_back(model) == "m.onnx: an operator is not supported: com.microsoft.QLinearAdd");
}

TEST_CASE("onnx: operators in branches and loops are named, at any depth") {
  const std::string inner = graph_of({plain_node("Relu"), plain_node("Einsum")});
  const std::string middle = graph_of(
      {plain_node("Foo", "com.acme"), plain_node("Einsum"), node_with_graph("If", "", "v", inner)});
  CHECK(error_of_node(node_with_graph("Loop", "x", "y", middle)) ==
        "m.onnx: operators are not supported: Einsum (2 times), If, Loop, com.acme.Foo");
  std::string deep = graph_of({plain_node("Foo")});
  for (int i = 0; i < 2000; ++i) deep = graph_of({node_with_graph("If", "", "v", deep)});
  CHECK(error_of_node(node_with_graph("If", "x", "y", deep)) ==
        "m.onnx: operators are not supported: Foo, If (2001 times)");
  // A graph attribute that is not a graph makes the file unreadable.
  CHECK(error_of_node(node_with_graph("If", "x", "y", "\xff\xff")).find("not a readable ONNX") !=
        std::string::npos);
}

}  // namespace nas
