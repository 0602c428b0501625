#include "core/onnx/ops/windows.h"

#include <algorithm>

#include "core/ops/op_schema.h"

namespace nas {
namespace {

/// The number that stands at each place of a list; 1 (or `otherwise`) where none is given.
std::int64_t same_number(const NodeReader& node, const char* what,
                         const std::vector<std::int64_t>& list, std::size_t count,
                         std::int64_t otherwise) {
  if (list.empty()) return otherwise;
  if (list.size() != count) node.wrong(std::string(what) + " has a wrong number of entries");
  const bool same = std::ranges::all_of(list, [&](std::int64_t n) { return n == list[0]; });
  if (!same) {
    std::string text;
    for (const std::int64_t number : list)
      text += (text.empty() ? "" : ", ") + std::to_string(number);
    node.unsupported(std::string(what) + " = [" + text + "]: only equal numbers are read");
  }
  if (list[0] < -kMaxExtent || list[0] > kMaxExtent)
    node.wrong(std::string(what) + " is too large");
  return list[0];
}

/// SAME_UPPER and SAME_LOWER: as many outputs as strides fit into the input.
void pad_to_same(const NodeReader& node, std::size_t axes, bool upper, WindowAttributes& window) {
  const Shape& shape = node.shape(node.input(0).value);
  std::vector<std::int64_t> totals;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t extent = shape[axis + 1];
    const std::int64_t outputs = (extent - 1) / window.stride + 1;
    const std::int64_t covered = window.dilation * (window.kernel - 1) + 1;
    totals.push_back(std::max<std::int64_t>((outputs - 1) * window.stride + covered - extent, 0));
  }
  const std::int64_t total = same_number(node, "pads", totals, axes, 0);
  window.begin = upper ? total / 2 : total - total / 2;
  window.end = total - window.begin;
}

}  // namespace

WindowAttributes read_window(const NodeReader& node, std::size_t axes,
                             const std::vector<std::int64_t>& kernel, const ZeroBorder& border) {
  const auto given = [&](const char* name) { return node.ints(name); };
  std::vector<std::int64_t> sizes = given("kernel_shape");
  if (!sizes.empty() && !kernel.empty() && sizes != kernel) {
    node.wrong("kernel_shape is not the size of its weight");
  }
  if (sizes.empty()) sizes = kernel;
  if (sizes.empty()) node.wrong("has no kernel_shape");
  WindowAttributes window;
  window.kernel = same_number(node, "kernel_shape", sizes, axes, 1);
  window.stride = same_number(node, "strides", given("strides"), axes, 1);
  window.dilation = same_number(node, "dilations", given("dilations"), axes, 1);
  if (window.kernel < 1 || window.stride < 1 || window.dilation < 1) {
    node.wrong("a kernel, stride or dilation below 1");
  }
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_to_same(node, axes, automatic == "SAME_UPPER", window);
  } else if (automatic == "NOTSET" || automatic.empty()) {
    const std::vector<std::int64_t> pads = given("pads");
    if (!pads.empty() && pads.size() != 2 * axes) node.wrong("pads has a wrong number of entries");
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2);
    window.begin = same_number(node, "pads", {pads.begin(), middle}, axes, 0);
    window.end = same_number(node, "pads", {middle, pads.end()}, axes, 0);
  } else if (automatic != "VALID") {
    node.wrong("auto_pad is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER");
  }
  if (!border.empty()) {
    window.begin += same_number(node, "pads", border.begin, axes, 0);
    window.end += same_number(node, "pads", border.end, axes, 0);
  }
  return window;
}

}  // namespace nas
