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

/// c = x - mean; c / sqrt(sum c^2) is of unit length, whatever the row; sqrt(C) of it, a factor and
/// a constant for each channel are the result. The eps of rows that are all but constant is left
/// out: such rows give their constant.
void lower_layer_norm(NodeLowering& node) {
  const Shape& shape = node.input_shape();
  const bool over_channels = node.flag("over_channels");
  const MicroLayout layout =
      over_channels && shape.rank() > 1 ? MicroLayout::kChannelsLast : MicroLayout::kPlain;
  const std::int64_t length = shape[over_channels ? 0 : shape.rank() - 1];
  const std::int64_t rows = shape.elements() / length;
  const NodeLowering::Dims image{1, 1, rows, length}, numbers{1, 1, rows, 1};
  const int x = node.viewed(node.input(0, layout), image, "rows");
  const int mean = node.row_part(numbers, "mean", RowPart::kMean);
  const std::vector<float> shares(static_cast<std::size_t>(length),
                                  1.0F / static_cast<float>(length));
  node.step(MicroOp::kBatchMatmul, {x, node.reals("share", shares, {1, 1, length, 1})}, mean);
  const int centred = node.row_part(image, "centred", RowPart::kCentred);
  node.step(MicroOp::kSub, {x, mean}, centred);
  const int row = node.viewed(centred, {1, rows, 1, length}, "row");
  const int column = node.viewed(centred, {1, rows, length, 1}, "column");
  const int energy = node.row_part({1, rows, 1, 1}, "energy", RowPart::kEnergy);
  node.step(MicroOp::kBatchMatmul, {row, column}, energy);
  const int inverse = node.row_part({1, rows, 1, 1}, "inverse", RowPart::kInverse);
  node.step(MicroOp::kRsqrt, {energy}, inverse);
  const int unit = node.row_part(image, "unit", RowPart::kUnit);
  node.step(MicroOp::kMul, {centred, node.viewed(inverse, numbers, "inverses")}, unit);
  const int weight = node.weight({1, 1, 1, length});
  const int bias = node.bias(length);
  const int result = node.value(image);
  node.step(MicroOp::kDepthwiseConv2d, {unit, weight, bias}, result);
  node.give_view(result, micro_dims(shape, layout), layout);
}

constexpr LoweringRule kRules[] = {
    {"batch_norm", lower_batch_norm},
    {"softmax", lower_softmax},
    {"layer_norm", lower_layer_norm},
    {.op = "weighted_stats", .refusal = "needs variances, which no operator of the engine gives"},
};

}  // namespace

extern constinit const LoweringRules norm_lowerings{kRules};

}  // namespace nas
