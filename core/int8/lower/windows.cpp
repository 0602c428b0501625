#include "core/int8/lower/windows.h"

#include <algorithm>

namespace nas {

std::int64_t MicroWindow::after() const {
  return std::max<std::int64_t>((positions - 1) * stride + reach() - extent - padding, 0);
}

bool MicroWindow::is_same() const {
  const std::int64_t total = std::max<std::int64_t>((positions - 1) * stride + reach() - extent, 0);
  return positions == (extent + stride - 1) / stride && total / 2 == padding;
}

bool MicroWindows::unpadded() const {
  return rows.padding == 0 && columns.padding == 0 && rows.after() == 0 && columns.after() == 0;
}

bool MicroWindows::needs_pad(const LoweringOptions& options) const {
  return !options.explicit_padding && !unpadded() && !same();
}

MicroWindows window_of(const NodeLowering& node, std::string_view dilation) {
  const Shape &input = node.input_shape(), &output = node.output_shape();
  MicroWindow columns{.extent = input[input.rank() - 1],
                      .positions = output[output.rank() - 1],
                      .kernel = node.integer("kernel"),
                      .stride = node.integer("stride"),
                      .padding = node.integer("padding"),
                      .dilation = dilation.empty() ? 1 : node.integer(dilation)};
  if (input.rank() == 2) return {{.stride = columns.stride}, columns};
  MicroWindow rows = columns;
  rows.extent = input[1];
  rows.positions = output[1];
  return {rows, columns};
}

MicroOptions window_options(const NodeLowering& node, const MicroWindows& windows) {
  const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  const MicroWindow &rows = windows.rows, &columns = windows.columns;
  MicroOptions options{.stride_h = narrow(rows.stride),
                       .stride_w = narrow(columns.stride),
                       .dilation_h = narrow(rows.dilation),
                       .dilation_w = narrow(columns.dilation),
                       .filter_h = narrow(rows.kernel),
                       .filter_w = narrow(columns.kernel)};
  if (windows.unpadded() || windows.needs_pad(node.options())) return options;
  if (windows.same()) {
    options.padding = MicroPadding::kSame;
    return options;
  }
  options.padding = MicroPadding::kExplicit;
  options.pad_top = narrow(rows.padding);
  options.pad_bottom = narrow(rows.after());
  options.pad_left = narrow(columns.padding);
  options.pad_right = narrow(columns.after());
  return options;
}

int pad_window(NodeLowering& node, int tensor, const MicroWindows& windows, bool lowest) {
  return windows.needs_pad(node.options()) ? pad_border(node, tensor, windows, lowest) : tensor;
}

int pad_border(NodeLowering& node, int tensor, const MicroWindows& windows, bool lowest) {
  const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  const MicroWindow &rows = windows.rows, &columns = windows.columns;
  const std::int32_t pads[] = {0,
                               0,
                               narrow(rows.padding),
                               narrow(rows.after()),
                               narrow(columns.padding),
                               narrow(columns.after()),
                               0,
                               0};
  NodeLowering::Dims dims = node.dims(tensor);
  dims[1] += rows.padding + rows.after();
  dims[2] += columns.padding + columns.after();
  const int padded = node.moved(dims, "padded");
  std::vector<int> inputs{tensor, node.ints("pads", pads, {4, 2})};
  if (lowest) inputs.push_back(node.lowest(tensor));
  node.step(lowest ? MicroOp::kPadV2 : MicroOp::kPad, inputs, padded);
  return padded;
}

}  // namespace nas
