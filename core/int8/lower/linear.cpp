#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"

namespace nas {
namespace {

/// A layer behind a flattened image reads it as it stands: its weights are put in that order.
void lower_linear(NodeLowering& node) {
  const NodeLowering::Form from = node.form();
  const std::int64_t in = node.input_shape()[0], out = node.output_shape()[0];
  const int weight = node.weight({out, in}, from.channels);
  const int bias = node.bias(out);
  const int result = node.value({1, out});
  node.step(MicroOp::kFullyConnected, {from.tensor, weight, bias}, result);
  node.give(result, MicroLayout::kPlain);
}

void lower_token_linear(NodeLowering& node) {
  const Shape &input = node.input_shape(), &output = node.output_shape();
  const std::int64_t in = input[input.rank() - 1], out = output[output.rank() - 1];
  const int tokens = node.input(0, MicroLayout::kPlain);
  const int weight = node.weight({out, in});
  const int bias = node.bias(out);
  const int result = node.value(micro_dims(output, MicroLayout::kPlain));
  node.step(MicroOp::kFullyConnected, {tokens, weight, bias}, result, {.keep_dims = true});
  node.give(result, MicroLayout::kPlain);
}

constexpr LoweringRule kRules[] = {{"linear", lower_linear}, {"token_linear", lower_token_linear}};

}  // namespace

extern constinit const LoweringRules linear_lowerings{kRules};

}  // namespace nas
