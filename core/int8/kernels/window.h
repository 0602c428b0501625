#pragma once

#include <algorithm>
#include <cstdint>

#include "core/int8/kernel.h"

namespace nas {

/// A window that slides along one axis of an image.
struct SlidingAxis {
  std::int64_t extent = 1, positions = 1;
  std::int64_t kernel = 1, stride = 1, dilation = 1, before = 0;

  std::int64_t begin(std::int64_t position) const { return position * stride - before; }
};

/// Images [N, H, W, C] in and out, and the window between them.
struct SlidingWindow {
  std::int64_t batch = 1;
  std::int64_t in_channels = 1, out_channels = 1;
  SlidingAxis rows, columns;

  std::int64_t positions() const { return rows.positions * columns.positions; }
  std::int64_t in_elements() const { return rows.extent * columns.extent * in_channels; }
  std::int64_t out_elements() const { return positions() * out_channels; }
};

/// Of a step whose image is operand `image`. Throws Error(kUnsupported) for tensors that are no
/// images, strides below 1, a padding that no engine adds, and an output of another size.
SlidingWindow sliding_window(const KernelCall& call, const MicroTensor& image,
                             std::int64_t kernel_h, std::int64_t kernel_w);

/// How many zeros SAME puts before an axis.
std::int64_t same_padding(std::int64_t extent, std::int64_t positions, std::int64_t reach,
                          std::int64_t stride);

}  // namespace nas
