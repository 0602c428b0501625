#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"

namespace nas {
namespace {

/// One step on every number, in whatever order they stand.
void lower_each(NodeLowering& node, MicroOp op) {
  const NodeLowering::Form from = node.form();
  const int result = node.value(node.dims(from.tensor));
  node.step(op, {from.tensor}, result);
  node.give(result, from.layout, from.channels);
}

void lower_relu(NodeLowering& node) {
  if (!node.fuse(MicroActivation::kRelu)) lower_each(node, MicroOp::kRelu);
}
void lower_relu6(NodeLowering& node) {
  if (!node.fuse(MicroActivation::kRelu6)) lower_each(node, MicroOp::kRelu6);
}
void lower_hswish(NodeLowering& node) {
  lower_each(node, MicroOp::kHardSwish);
}
void lower_sigmoid(NodeLowering& node) {
  lower_each(node, MicroOp::kLogistic);
}
void lower_tanh(NodeLowering& node) {
  lower_each(node, MicroOp::kTanh);
}
void lower_gelu(NodeLowering& node) {
  lower_each(node, MicroOp::kGelu);
}

/// relu6(x + 3) / 6, which no operator of the engine is.
void lower_hsigmoid(NodeLowering& node) {
  const NodeLowering::Form from = node.form();
  const NodeLowering::Dims dims = node.dims(from.tensor);
  const int shifted = node.ranged(dims, "shifted", 0, 6);
  node.step(MicroOp::kAdd, {from.tensor, node.reals("shift", {3.0F}, {1})}, shifted,
            {.activation = MicroActivation::kRelu6});
  const int result = node.value(dims);
  node.step(MicroOp::kMul, {shifted, node.reals("factor", {1.0F / 6}, {1})}, result);
  node.give(result, from.layout, from.channels);
}

constexpr LoweringRule kRules[] = {
    {"relu", lower_relu},         {"relu6", lower_relu6},     {"hswish", lower_hswish},
    {"hsigmoid", lower_hsigmoid}, {"sigmoid", lower_sigmoid}, {"tanh", lower_tanh},
    {"gelu", lower_gelu},
};

}  // namespace

extern constinit const LoweringRules activation_lowerings{kRules};

}  // namespace nas
