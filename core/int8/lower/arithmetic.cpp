#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"

namespace nas {
namespace {

/// The layout in which tensors meet: channels last, unless the first is not or has no channels.
MicroLayout meeting(const NodeLowering& node) {
  return node.form().layout == MicroLayout::kChannelsLast ? MicroLayout::kChannelsLast
                                                          : MicroLayout::kPlain;
}

/// Two operands; `lower` has made sums of more terms to sums of two.
void lower_binary(NodeLowering& node, MicroOp op) {
  const MicroLayout layout = meeting(node);
  const int left = node.input(0, layout), right = node.input(1, layout);
  const int result = node.value(micro_dims(node.output_shape(), layout));
  node.step(op, {left, right}, result);
  node.give(result, layout);
}

void lower_add(NodeLowering& node) {
  if (node.input_count() == 1) {
    node.give(node.form().tensor, node.form().layout, node.form().channels);
  } else {
    lower_binary(node, MicroOp::kAdd);
  }
}
void lower_multiply(NodeLowering& node) {
  lower_binary(node, MicroOp::kMul);
}

void lower_concat(NodeLowering& node) {
  const MicroLayout layout = meeting(node);
  std::vector<int> inputs;
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    inputs.push_back(node.rescalable(node.input(i, layout), "part_" + std::to_string(i)));
  }
  const NodeLowering::Dims dims = micro_dims(node.output_shape(), layout);
  const int result = node.value(dims);
  const bool last = layout == MicroLayout::kChannelsLast;
  node.step(MicroOp::kConcatenation, inputs, result,
            {.axis = last ? static_cast<std::int32_t>(dims.size()) - 1 : 1});
  node.give(result, layout);
}

void lower_scale_by(NodeLowering& node) {
  const NodeLowering::Form from = node.form();
  const int result = node.value(node.dims(from.tensor));
  const auto factor = static_cast<float>(node.real("factor"));
  node.step(MicroOp::kMul, {from.tensor, node.reals("factor", {factor}, {1})}, result);
  node.give(result, from.layout, from.channels);
}

void lower_matmul(NodeLowering& node) {
  const int left = node.input(0, MicroLayout::kPlain), right = node.input(1, MicroLayout::kPlain);
  const int result = node.value(micro_dims(node.output_shape(), MicroLayout::kPlain));
  node.step(MicroOp::kBatchMatmul, {left, right}, result);
  node.give(result, MicroLayout::kPlain);
}

constexpr LoweringRule kRules[] = {
    {"add", lower_add},       {"multiply", lower_multiply},
    {"concat", lower_concat}, {"scale_by", lower_scale_by},
    {"matmul", lower_matmul}, {.op = "mix", .refusal = "is an open choice of a supernet"},
};

}  // namespace

extern constinit const LoweringRules arithmetic_lowerings{kRules};

}  // namespace nas
