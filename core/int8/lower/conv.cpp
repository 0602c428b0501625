#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"
#include "core/int8/lower/windows.h"

namespace nas {
namespace {

void lower_conv(NodeLowering& node) {
  const bool image = node.input_shape().rank() == 3;
  const std::int64_t in = node.input_shape()[0], out = node.output_shape()[0];
  const std::int64_t groups = node.integer("groups"), kernel = node.integer("kernel");
  const std::int64_t rows = image ? kernel : 1;
  const bool oblong = image && node.integer("kernel_width") != 0;
  const std::int64_t columns = oblong ? node.integer("kernel_width") : kernel;
  const bool depthwise = groups == in && groups > 1;
  MicroWindows windows = window_of(node, "dilation");
  windows.columns.kernel = columns;
  const int padded = pad_window(node, node.input(0, MicroLayout::kChannelsLast), windows);
  MicroOptions options = window_options(node, windows);
  if (depthwise) options.depth_multiplier = static_cast<std::int32_t>(out / in);
  const int weight = node.weight(depthwise ? NodeLowering::Dims{1, rows, columns, out}
                                           : NodeLowering::Dims{out, rows, columns, in / groups});
  const int bias = node.bias(out);
  const int result = node.value(micro_dims(node.output_shape(), MicroLayout::kChannelsLast));
  node.step(depthwise ? MicroOp::kDepthwiseConv2d : MicroOp::kConv2d, {padded, weight, bias},
            result, options);
  node.give(result, MicroLayout::kChannelsLast);
}

constexpr LoweringRule kRules[] = {{"conv1d", lower_conv}, {"conv2d", lower_conv}};

}  // namespace

extern constinit const LoweringRules conv_lowerings{kRules};

}  // namespace nas
