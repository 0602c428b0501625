#pragma once

#include <string_view>

#include "core/ops/op_schema.h"

namespace nas {

/// The shape of input `index`, which must be float [C, H, W].
const Shape& expect_image(const OpCall& call, std::size_t index = 0);
/// The shape of input `index`, which must be float [C, T].
const Shape& expect_sequence(const OpCall& call, std::size_t index = 0);
/// Fails unless input `index` is float, of any shape.
const TensorType& expect_float(const OpCall& call, std::size_t index = 0);

/// A window that slides over one axis.
struct Window {
  std::int64_t kernel;
  std::int64_t stride;
  std::int64_t padding;
  std::int64_t dilation = 1;
  bool ceil_mode = false;
};

/// Positions of the window: floor((extent + 2 padding - dilation (kernel - 1) - 1) / stride) + 1;
/// in ceil mode rounded up, but the last window starts inside the input or the left padding (as
/// LibTorch). `axis` names the dimension in the error: "height".
std::int64_t window_positions(const OpCall& call, std::string_view axis, std::int64_t extent,
                              const Window& window);

/// Fails when a weight tensor has more than kMaxExtent elements.
void expect_weight_fits(const OpCall& call, const Shape& weight);

/// Infers one output of the first input's type, which must be float.
void infer_as_input(const OpCall& call, std::vector<TensorType>& outputs);

}  // namespace nas
