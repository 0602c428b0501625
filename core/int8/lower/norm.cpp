#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"

namespace nas {
namespace {

/// One that folds into no layer: a factor and a constant for each channel.
void lower_batch_norm(NodeLowering& node) {
  const Shape& shape = node.input_shape();
  const bool vector = shape.rank() == 1;
  const std::int64_t channels = shape[0];
  const NodeLowering::Dims dims = vector ? NodeLowering::Dims{1, 1, 1, channels}
                                         : micro_dims(shape, MicroLayout::kChannelsLast);
  const int image = vector ? node.viewed(node.input(0, MicroLayout::kPlain), dims, "image")
                           : node.input(0, MicroLayout::kChannelsLast);
  const int weight = node.weight({1, 1, 1, channels});
  const int bias = node.bias(channels);
  const int result = node.value(dims);
  node.step(MicroOp::kDepthwiseConv2d, {image, weight, bias}, result);
  if (vector) {
    node.give_view(result, {1, channels}, MicroLayout::kPlain);
  } else {
    node.give(result, MicroLayout::kChannelsLast);
  }
}

void lower_softmax(NodeLowering& node) {
  const int rows = node.input(0, MicroLayout::kPlain);
  const int result = node.value(micro_dims(node.output_shape(), MicroLayout::kPlain));
  node.step(MicroOp::kSoftmax, {rows}, result);
  node.give(result, MicroLayout::kPlain);
}

constexpr LoweringRule kRules[] = {
    {"batch_norm", lower_batch_norm},
    {"softmax", lower_softmax},
    {.op = "layer_norm", .refusal = "needs variances, which no operator of the engine gives"},
    {.op = "weighted_stats", .refusal = "needs variances, which no operator of the engine gives"},
};

}  // namespace

extern constinit const LoweringRules norm_lowerings{kRules};

}  // namespace nas
