#pragma once

#include <ATen/core/Tensor.h>

#include <span>

namespace nas {

/// sum_i weights[i] * terms[i], with gradients of weights and terms. `weights`: one for each term,
/// a vector. Terms have one shape. LibTorch's own sum of products makes a tensor of the terms' size
/// for each product and, for each weight's gradient, one more; this makes one, and none.
at::Tensor weighted_sum(std::span<const at::Tensor> terms, const at::Tensor& weights);

}  // namespace nas
