#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/mm.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/runtime/distill/method_torch.h"

// What losses of several families are made of.

namespace nas {

inline constexpr double kSmallestNorm = 1e-12;

/// Unit vectors along `dimension`; zeros stay zeros.
inline at::Tensor unit_rows(const at::Tensor& x, std::int64_t dimension) {
  return x / x.norm(2, dimension, true).clamp_min(kSmallestNorm);
}

/// Row-normalised Gram matrix of the samples: [N, ...] -> [N, N].
inline at::Tensor sample_relations(const at::Tensor& map) {
  const at::Tensor rows = map.flatten(1);
  return unit_rows(at::mm(rows, rows.t()), 1);
}

/// The sum of term(student's map, teacher's map, index) over the pairs of maps.
template <class Term>
at::Tensor over_maps(const DistillBatch& batch, const Term& term) {
  at::Tensor total;
  for (std::size_t i = 0; i < batch.student.maps.size(); ++i) {
    const at::Tensor value = term(batch.student.maps[i], batch.teacher.maps[i], i);
    total = total.defined() ? total + value : value;
  }
  return total;
}

/// A learned tensor that starts as LibTorch's own layers of as many inputs do.
inline AdapterSpec learned(std::string name, std::vector<std::int64_t> shape, std::int64_t inputs) {
  return {std::move(name), std::move(shape), 1 / std::sqrt(static_cast<double>(inputs))};
}

/// The weight of a 1x1 convolution.
inline AdapterSpec pointwise(std::string name, std::int64_t in, std::int64_t out) {
  return learned(std::move(name), {out, in, 1, 1}, in);
}

}  // namespace nas
