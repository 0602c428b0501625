#include <algorithm>

#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"
#include "core/int8/lower/windows.h"

namespace nas {
namespace {

constexpr auto kLast = MicroLayout::kChannelsLast;

void lower_max_pool(NodeLowering& node) {
  const MicroWindows windows = window_of(node);
  const int padded = pad_window(node, node.input(0, kLast), windows, true);
  const int result = node.moved(micro_dims(node.output_shape(), kLast), "max");
  node.step(MicroOp::kMaxPool2d, {padded}, result, window_options(node, windows));
  node.give(result, kLast);
}

/// By position of the window: how many of its places the mean counts.
std::vector<std::int64_t> counted(const MicroWindow& window, bool with_border) {
  const std::int64_t border = with_border ? window.padding : 0;
  std::vector<std::int64_t> counts;
  for (std::int64_t position = 0; position < window.positions; ++position) {
    const std::int64_t begin = position * window.stride - window.padding;
    counts.push_back(std::min(begin + window.kernel, window.extent + border) -
                     std::max(begin, -border));
  }
  return counts;
}

/// The engine's mean leaves out what padding of its own adds, and counts what a step has padded.
/// Where that is not the mean asked for, a factor for each position makes up for it.
std::vector<float> mean_factors(const MicroWindows& windows, bool with_border) {
  const auto rows = counted(windows.rows, with_border);
  const auto columns = counted(windows.columns, with_border);
  const std::int64_t all = windows.rows.kernel * windows.columns.kernel;
  std::vector<float> factors;
  for (const std::int64_t row : rows) {
    for (const std::int64_t column : columns) {
      factors.push_back(static_cast<float>(all) / static_cast<float>(row * column));
    }
  }
  const bool none = std::ranges::all_of(factors, [](float factor) { return factor == 1.0F; });
  return none ? std::vector<float>{} : factors;
}

void lower_avg_pool(NodeLowering& node) {
  const MicroWindows windows = window_of(node);
  const bool with_border = node.flag("count_include_pad");
  const NodeLowering::Dims dims = micro_dims(node.output_shape(), kLast);
  const bool own_padding = windows.unpadded() || windows.same() || node.options().explicit_padding;
  if (own_padding && (windows.unpadded() || !with_border)) {
    const int result = node.moved(dims, "mean");
    node.step(MicroOp::kAveragePool2d, {node.input(0, kLast)}, result,
              window_options(node, windows));
    node.give(result, kLast);
    return;
  }
  const int padded = pad_border(node, node.input(0, kLast), windows);
  MicroOptions options = window_options(node, windows);
  options.padding = MicroPadding::kValid;
  options.pad_top = options.pad_left = options.pad_bottom = options.pad_right = 0;
  const std::vector<float> factors = mean_factors(windows, with_border);
  const int mean = node.moved(dims, "mean");
  node.step(MicroOp::kAveragePool2d, {padded}, mean, options);
  if (factors.empty()) {
    node.give(mean, kLast);
    return;
  }
  const int result = node.value(dims);
  node.step(MicroOp::kMul, {mean, node.reals("factors", factors, {1, dims[1], dims[2], 1})},
            result);
  node.give(result, kLast);
}

void lower_global_pool(NodeLowering& node) {
  const int image = node.input(0, kLast);
  const NodeLowering::Dims& from = node.dims(image);
  const MicroOptions options{.filter_h = static_cast<std::int32_t>(from[1]),
                             .filter_w = static_cast<std::int32_t>(from[2])};
  const std::int64_t channels = from[3];
  int mean = image;
  if (from[1] * from[2] > 1) {
    mean = node.moved({1, 1, 1, channels}, "mean");
    node.step(MicroOp::kAveragePool2d, {image}, mean, options);
  }
  if (node.flag("keep_dims")) {
    node.give(mean, kLast);
  } else {
    node.give_view(mean, {1, channels}, MicroLayout::kPlain);
  }
}

constexpr LoweringRule kRules[] = {{"max_pool", lower_max_pool},
                                   {"avg_pool", lower_avg_pool},
                                   {"global_avg_pool", lower_global_pool}};

}  // namespace

extern constinit const LoweringRules pool_lowerings{kRules};

}  // namespace nas
