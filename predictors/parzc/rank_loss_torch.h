#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>

namespace nas {

// predictions, targets: [N], N >= 2. All are to be minimised.

/// A smooth Kendall tau, negated and doubled: sum over ordered pairs of
/// tanh(alpha (p_i - p_j) / 2) tanh(alpha (y_i - y_j) / 2), divided by the number of unordered
/// pairs as in ParZC's released code. In [-2, 2]; alpha -> infinity gives -2 tau for distinct
/// values.
at::Tensor diff_kendall_loss(const at::Tensor& predictions, const at::Tensor& targets,
                             double alpha);
/// Mean over ordered pairs of ln(1 + exp(-(p_i - p_j) sign(y_i - y_j))); ln 2 for ties.
at::Tensor pairwise_loss(const at::Tensor& predictions, const at::Tensor& targets);

/// The sum of the terms of `loss`: "diffkendall", "pairwise+mse", ...
at::Tensor rank_loss(const std::string& loss, double alpha, const at::Tensor& predictions,
                     const at::Tensor& targets);

}  // namespace nas
