#pragma once

#include <cstdint>
#include <vector>

#include "core/onnx/node_reader.h"

namespace nas {

/// A window that moves along one or two axes, the same along each.
struct WindowAttributes {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t begin = 0, end = 0;  ///< padding at the begin and the end of each axis
};

/// What Conv and the pools say of their windows, with a border of zeros that the input has.
/// `kernel`: where the node does not give it. Throws Error(kUnsupported) for a window that differs
/// between its axes.
WindowAttributes read_window(const NodeReader& node, std::size_t axes,
                             const std::vector<std::int64_t>& kernel,
                             const ZeroBorder& border = {});

}  // namespace nas
