#include <doctest/doctest.h>

#include "core/ir/forms/text_form.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "tests/core/onnx/onnx_bytes.h"

// How exporters write what is one operation of ours. Every expectation is the text form of the
// graph.

namespace nas {
namespace {

using test::add_node;
using test::constant_node;
using test::declared;
using test::floats;
using test::int64s;
using test::model_of;
using test::read_back;
using test::scalar;

std::string after_input(const OnnxModel& model, const char* input) {
  const std::string text = read_back(model);
  const std::string start = "%0 = input() : float[" + std::string(input) + "]\n";
  if (!text.starts_with(start)) return text;
  return text.substr(start.size());
}

OnnxAttribute text_attribute(std::string name, std::string text) {
  return {.name = std::move(name), .type = OnnxAttributeType::kString, .text = std::move(text)};
}

}  // namespace

TEST_CASE("onnx: MatMul and Add of constants are one layer, with the weight turned around") {
  OnnxModel model = model_of({4});
  model.initializers = {floats("w", {4, 3}), floats("b", {3})};
  add_node(model, "MatMul", {"x", "w"}, {"p"});
  add_node(model, "Add", {"b", "p"}, {"y"});
  CHECK(after_input(model, "4") ==
        "%1 = linear(%0) {out_features=3, bias=true} : float[3]\nreturn y=%1\n");
  // Read twice, the product is a value of its own.
  add_node(model, "Relu", {"p"}, {"z"});
  CHECK(after_input(model, "4").find("adds a constant") != std::string::npos);
}

TEST_CASE(
    "onnx: what is added to each token is no bias, also where tokens are as many as outputs") {
  const auto layer_norm = [](const std::vector<std::int64_t>& dims) {
    OnnxModel model = model_of({4, 4});
    model.initializers = {floats("scale", dims), floats("shift", {4}), scalar("eps", 1e-5F)};
    add_node(model, "ReduceMean", {"x"}, {"m"}, {ints_attribute("axes", {-1})});
    add_node(model, "Sub", {"x", "m"}, {"d"});
    add_node(model, "Mul", {"d", "d"}, {"q"});
    add_node(model, "ReduceMean", {"q"}, {"v"}, {ints_attribute("axes", {-1})});
    add_node(model, "Add", {"v", "eps"}, {"e"});
    add_node(model, "Sqrt", {"e"}, {"s"});
    add_node(model, "Div", {"d", "s"}, {"r"});
    add_node(model, "Mul", {"r", "scale"}, {"t"});
    add_node(model, "Add", {"t", "shift"}, {"y"});
    return read_back(model);
  };
  const auto token_linear = [](const std::vector<std::int64_t>& dims) {
    OnnxModel model = model_of({3, 4});
    model.initializers = {floats("w", {4, 3}), floats("b", dims)};
    add_node(model, "MatMul", {"x", "w"}, {"p"});
    add_node(model, "Add", {"p", "b"}, {"y"});
    return read_back(model);
  };
  const auto gemm = [](const std::vector<std::int64_t>& dims) {
    OnnxModel model = model_of({4});
    model.initializers = {floats("w", {4, 3}), floats("b", dims)};
    add_node(model, "Gemm", {"x", "w", "b"}, {"y"});
    return read_back(model);
  };
  const auto has = [](const std::string& text, const char* part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  has(token_linear({3}), "bias=true");
  has(token_linear({1, 1, 3}), "bias=true");
  has(token_linear({3, 1}), "adds a constant");
  has(token_linear({1, 3, 1}), "adds a constant");
  has(gemm({1, 3}), "bias=true");
  has(gemm({3, 1}), "not one for each output");
  has(layer_norm({4}), "affine=true");
  has(layer_norm({4, 1}), "multiplies by a constant tensor");
}

TEST_CASE("onnx: both orders of hswish, and the one of old exporters") {
  const std::string expected = "%1 = hswish(%0) : float[3,4,4]\nreturn y=%1\n";
  OnnxModel model = model_of({3, 4, 4});
  add_node(model, "HardSigmoid", {"x"}, {"g"},
           {real_attribute("alpha", 1.0 / 6), real_attribute("beta", 0.5)});
  add_node(model, "Mul", {"g", "x"}, {"y"});
  CHECK(after_input(model, "3,4,4") == expected);

  for (const bool early : {false, true}) {
    OnnxModel old = model_of({3, 4, 4});
    old.initializers = {scalar("three", 3), scalar("zero", 0), scalar("six", 6)};
    add_node(old, "Add", {"x", "three"}, {"a"});
    add_node(old, "Clip", {"a", "zero", "six"}, {"c"});
    if (early) {
      add_node(old, "Div", {"c", "six"}, {"d"});
      add_node(old, "Mul", {"x", "d"}, {"y"});
    } else {
      add_node(old, "Mul", {"x", "c"}, {"d"});
      add_node(old, "Div", {"d", "six"}, {"y"});
    }
    CHECK(after_input(old, "3,4,4") == expected);
  }
}

TEST_CASE("onnx: Clip is relu6 or relu, with attributes before opset 11") {
  OnnxModel model = model_of({3}, 9);
  add_node(model, "Clip", {"x"}, {"y"}, {real_attribute("min", 0), real_attribute("max", 6)});
  CHECK(after_input(model, "3") == "%1 = relu6(%0) : float[3]\nreturn y=%1\n");
  model = model_of({3}, 13);
  model.initializers = {scalar("low", 0)};
  add_node(model, "Clip", {"x", "low"}, {"y"});
  CHECK(after_input(model, "3") == "%1 = relu(%0) : float[3]\nreturn y=%1\n");
  model.initializers = {scalar("low", -1)};
  CHECK(after_input(model, "3") == "m.onnx: node 0 (Clip): only min = 0 is read");
}

TEST_CASE("onnx: a flattened mean of positions, in five ways") {
  const std::string expected =
      "%1 = global_avg_pool(%0) {keep_dims=false} : float[3]\nreturn y=%1\n";
  for (int way = 0; way < 5; ++way) {
    CAPTURE(way);
    OnnxModel model = model_of({3, 4, 4});
    if (way < 3) add_node(model, "GlobalAveragePool", {"x"}, {"p"});
    if (way == 0) add_node(model, "Flatten", {"p"}, {"y"});
    if (way == 1) {
      model.initializers = {int64s("to", {-1, 3})};
      add_node(model, "Reshape", {"p", "to"}, {"y"});
    }
    if (way == 2) {
      model.initializers = {int64s("axes", {2, 3})};
      add_node(model, "Squeeze", {"p", "axes"}, {"y"});
    }
    if (way >= 3) {
      add_node(model, "ReduceMean", {"x"}, {"y"},
               {ints_attribute("axes", way == 3 ? std::vector<std::int64_t>{2, 3}
                                                : std::vector<std::int64_t>{-1, -2}),
                int_attribute("keepdims", 0)});
    }
    CHECK(after_input(model, "3,4,4") == expected);
  }
}

TEST_CASE("onnx: the arithmetic of shapes that exporters write before a Reshape") {
  for (const bool open : {false, true}) {
    CAPTURE(open);
    OnnxModel model = model_of({3, 4, 4});
    if (open) model.inputs[0].dims[0] = {-1, "batch"};
    add_node(model, "Shape", {"x"}, {"s"});
    model.nodes.push_back(constant_node(int64s("first", {0})));
    add_node(model, "Gather", {"s", "first"}, {"n"});
    model.nodes.push_back(constant_node(int64s("rest", {-1})));
    add_node(model, "Concat", {"n", "rest"}, {"to"}, {int_attribute("axis", 0)});
    add_node(model, "Reshape", {"x", "to"}, {"y"});
    CHECK(after_input(model, "3,4,4") == "%1 = flatten(%0) : float[48]\nreturn y=%1\n");
  }
  OnnxModel model = model_of({3, 4, 4});
  model.inputs[0].dims[0] = {-1, "batch"};
  model.initializers = {int64s("to", {1, 48})};
  add_node(model, "Reshape", {"x", "to"}, {"y"});
  CHECK(read_back(model).find("fixes the batch at 1") != std::string::npos);
}

TEST_CASE("onnx: the list of a Pad as PyTorch computes it, and what its zeros become") {
  OnnxModel model = model_of({3, 8, 8});
  model.initializers = {floats("w", {4, 3, 3, 3})};
  // [1, 1, 1, 1] for width and height, filled up to eight, in pairs, from the last axis to the
  // first.
  OnnxTensor zero = int64s("zero", {0});
  OnnxAttribute value{.name = "value", .type = OnnxAttributeType::kTensor};
  value.tensors.push_back(zero);
  model.initializers.push_back(int64s("pads", {1, 1, 1, 1}));
  model.initializers.push_back(int64s("four", {4}));
  model.initializers.push_back(int64s("pairs", {-1, 2}));
  model.initializers.push_back(int64s("minus", {-1}));
  model.initializers.push_back(int64s("end", {-9223372036854775807}));
  model.initializers.push_back(int64s("axis", {0}));
  add_node(model, "ConstantOfShape", {"four"}, {"zeros"}, {value});
  add_node(model, "Concat", {"pads", "zeros"}, {"all"}, {int_attribute("axis", 0)});
  add_node(model, "Reshape", {"all", "pairs"}, {"rows"});
  add_node(model, "Slice", {"rows", "minus", "end", "axis", "minus"}, {"back"});
  add_node(model, "Transpose", {"back"}, {"columns"}, {ints_attribute("perm", {1, 0})});
  add_node(model, "Reshape", {"columns", "minus"}, {"flat"});
  add_node(model, "Cast", {"flat"}, {"list"}, {int_attribute("to", 7)});
  add_node(model, "Pad", {"x", "list"}, {"p"}, {text_attribute("mode", "constant")});
  add_node(model, "Conv", {"p", "w"}, {"y"});
  CHECK(after_input(model, "3,8,8") ==
        "%1 = conv2d(%0) {out_channels=4, kernel=3, stride=1, padding=1, dilation=1, groups=1, "
        "bias=false} : float[4,8,8]\nreturn y=%1\n");
  model.nodes.back() = {"Relu", "", {"p"}, {"y"}, {}};
  CHECK(read_back(model).find("zeros around it") != std::string::npos);
}

TEST_CASE("onnx: gelu in both orders, and a channel shuffle") {
  for (const bool half_first : {false, true}) {
    OnnxModel model = model_of({5});
    model.initializers = {scalar("root", 1.41421354F), scalar("one", 1), scalar("half", 0.5F)};
    add_node(model, "Div", {"x", "root"}, {"r"});
    add_node(model, "Erf", {"r"}, {"e"});
    add_node(model, "Add", {"e", "one"}, {"s"});
    add_node(
        model, "Mul",
        half_first ? std::vector<std::string>{"s", "half"} : std::vector<std::string>{"x", "s"},
        {"t"});
    add_node(
        model, "Mul",
        half_first ? std::vector<std::string>{"x", "t"} : std::vector<std::string>{"t", "half"},
        {"y"});
    CHECK(after_input(model, "5") == "%1 = gelu(%0) : float[5]\nreturn y=%1\n");
  }
  OnnxModel model = model_of({6, 2, 2});
  model.initializers = {int64s("apart", {1, 3, 2, 2, 2}), int64s("together", {1, -1, 2, 2})};
  add_node(model, "Reshape", {"x", "apart"}, {"a"});
  add_node(model, "Transpose", {"a"}, {"b"}, {ints_attribute("perm", {0, 2, 1, 3, 4})});
  add_node(model, "Reshape", {"b", "together"}, {"y"});
  CHECK(after_input(model, "6,2,2") ==
        "%1 = channel_shuffle(%0) {groups=3} : float[6,2,2]\nreturn y=%1\n");
}

TEST_CASE("onnx: identities, dropout and renamed weights leave nothing") {
  OnnxModel model = model_of({4});
  model.initializers = {floats("w", {4, 4})};
  add_node(model, "Identity", {"w"}, {"v"});
  add_node(model, "Dropout", {"x"}, {"d", "mask"});
  add_node(model, "Identity", {"d"}, {"i"});
  add_node(model, "Gemm", {"i", "v"}, {"g"}, {int_attribute("transB", 1)});
  add_node(model, "Identity", {"g"}, {"y"});
  CHECK(after_input(model, "4") ==
        "%1 = linear(%0) {out_features=4, bias=false} : float[4]\nreturn y=%1\n");
}

TEST_CASE(
    "onnx: sums and factors for each channel, wherever in the file their constants are made") {
  OnnxModel model = model_of({3, 9, 9});
  model.initializers = {floats("w", {4, 3, 3, 3}), floats("b", {4, 1, 1}), floats("s", {4}),
                        floats("t", {4}), int64s("axes", {1, 2})};
  add_node(model, "Conv", {"x", "w"}, {"c"});
  add_node(model, "Add", {"b", "c"}, {"d"});
  add_node(model, "Relu", {"d"}, {"r"});
  add_node(model, "Unsqueeze", {"s", "axes"}, {"factor"});
  add_node(model, "Mul", {"r", "factor"}, {"m"});
  add_node(model, "Unsqueeze", {"t", "axes"}, {"addend"});
  add_node(model, "Add", {"m", "addend"}, {"y"});
  const ImportedNetwork read = to_graph(parse_onnx(format_onnx(model), "m.onnx"), true);
  CHECK(to_text(read.graph).find("bias=true") != std::string::npos);
  CHECK(to_text(read.graph).find("batch_norm(%2)") != std::string::npos);
  CHECK(read_floats(read.weights, "batch_norm.running_var") == std::vector<float>(4, 1.0F));
  CHECK(read_floats(read.weights, "batch_norm.weight") == std::vector<float>(4, 0.5F));
  CHECK(read_floats(read.weights, "conv2d.bias") == std::vector<float>(4, 0.5F));
  // One number for each row is not one for each channel.
  model.initializers[1] = floats("b", {9, 1});
  CHECK(read_back(model).find("adds a constant to what the network computes") != std::string::npos);
}

TEST_CASE("onnx: nodes in any order, as long as they form no cycle") {
  OnnxModel model = model_of({4});
  add_node(model, "Tanh", {"a"}, {"y"});
  add_node(model, "Relu", {"x"}, {"a"});
  CHECK(after_input(model, "4") ==
        "%1 = relu(%0) : float[4]\n%2 = tanh(%1) : float[4]\nreturn y=%2\n");
}

TEST_CASE("onnx: windows that differ between axes or sides are named, all in one error") {
  OnnxModel model = model_of({3, 9, 9});
  model.initializers = {floats("w", {4, 3, 1, 7}), floats("v", {4, 3, 3, 3})};
  add_node(model, "Conv", {"x", "w"}, {"a"});
  add_node(model, "Conv", {"x", "v"}, {"b"}, {ints_attribute("pads", {1, 1, 2, 2})});
  add_node(model, "Add", {"a", "b"}, {"y"});
  CHECK(read_back(model) ==
        "m.onnx: node 0 (Conv): kernel_shape = [1, 7]: only equal numbers are read; node 1 (Conv): "
        "pads one side more than the other");
  // SAME_LOWER and SAME_UPPER are numbers once the input is known.
  model.nodes.clear();
  add_node(model, "Conv", {"x", "v"}, {"y"}, {text_attribute("auto_pad", "SAME_UPPER")});
  CHECK(read_back(model).find("padding=1") != std::string::npos);
}

}  // namespace nas
