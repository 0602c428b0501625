#include <cmath>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"

// Functions of each single number.
namespace nas {
namespace {

constexpr double kSixth = 1.0 / 6;

void write_plain(NodeWriter& node) {
  node.result(node.op().onnx_name, {node.input()});
}

void write_relu6(NodeWriter& node) {
  if (node.opset() < 11) {
    node.result("Clip", {node.input()}, {real_attribute("min", 0), real_attribute("max", 6)});
    return;
  }
  node.result("Clip", {node.input(), node.reals("min", {0}), node.reals("max", {6})});
}

NodeWriter::Attributes hard_sigmoid_attributes() {
  return {real_attribute("alpha", kSixth), real_attribute("beta", 0.5)};
}

void write_hsigmoid(NodeWriter& node) {
  node.result("HardSigmoid", {node.input()}, hard_sigmoid_attributes());
}

void write_hswish(NodeWriter& node) {
  if (node.opset() >= 14) return write_plain(node);
  const std::string gate =
      node.step("gate", "HardSigmoid", {node.input()}, hard_sigmoid_attributes());
  node.result("Mul", {node.input(), gate});
}

// x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2
void write_gelu(NodeWriter& node) {
  if (node.opset() >= 20) return write_plain(node);
  if (node.opset() < 9) node.fail("needs opset 9");
  const std::string ratio =
      node.step("ratio", "Div", {node.input(), node.reals("root", {std::sqrt(2.0F)})});
  const std::string erf = node.step("erf", "Erf", {ratio});
  const std::string sum = node.step("sum", "Add", {erf, node.reals("one", {1})});
  const std::string product = node.step("product", "Mul", {node.input(), sum});
  node.result("Mul", {product, node.reals("half", {0.5})});
}

template <const char* kOp>
void read_as(NodeReader& node) {
  node.give(node.add(kOp, {node.tensor()}));
}
constexpr char kHswish[] = "hswish", kRelu[] = "relu", kSigmoid[] = "sigmoid", kTanh[] = "tanh";

void read_clip(NodeReader& node) {
  const bool inputs = node.opset() >= 11;
  const auto low = inputs ? node.number(1) : std::optional(node.real("min", -HUGE_VAL));
  const auto high = inputs ? node.number(2) : std::optional(node.real("max", HUGE_VAL));
  if (!is_number(low, 0)) node.unsupported("only min = 0 is read");
  const bool open = inputs ? !node.has_input(2) : *high > 3e38;
  if (open || (high && *high > 3e38)) return node.give(node.add("relu", {node.tensor()}));
  if (!is_number(high, 6)) node.unsupported("only max = 6 is read");
  node.give(node.add("relu6", {node.tensor()}));
}

void read_hard_sigmoid(NodeReader& node) {
  if (!is_close(node.real("alpha", 0.2), kSixth) || !is_close(node.real("beta", 0.5), 0.5)) {
    node.unsupported("only alpha = 1/6 and beta = 1/2 are read");
  }
  const Value x = node.tensor();
  if (auto product = node.only_reader("Mul")) {
    if (product->other_input(node.output()) == node.node().inputs[0]) {
      return product->give_claimed(node.add("hswish", {x}));
    }
  }
  node.give(node.add("hsigmoid", {x}));
}

void read_gelu(NodeReader& node) {
  if (node.text("approximate", "none") != "none") node.unsupported("an approximation of it");
  node.give(node.add("gelu", {node.tensor()}));
}

void read_erf(NodeReader& node) {
  node.unsupported("is read as a part of gelu only");
}

constexpr OnnxWriting kWritings[] = {
    {"relu", write_plain},        {"relu6", write_relu6},   {"hswish", write_hswish},
    {"hsigmoid", write_hsigmoid}, {"sigmoid", write_plain}, {"tanh", write_plain},
    {"gelu", write_gelu},
};
constexpr OnnxReading kReadings[] = {
    {"Clip", read_clip},
    {"Erf", read_erf},
    {"Gelu", read_gelu},
    {"HardSigmoid", read_hard_sigmoid},
    {"HardSwish", read_as<kHswish>},
    {"Relu", read_as<kRelu>},
    {"Sigmoid", read_as<kSigmoid>},
    {"Tanh", read_as<kTanh>},
};

}  // namespace

extern constinit const OnnxMappings activation_mappings{kWritings, kReadings};

}  // namespace nas
