#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include "core/util/rng.h"

namespace nas::test {

/// Normal float32 numbers, row-major.
inline at::Tensor noise(at::IntArrayRef sizes, std::uint64_t seed) {
  at::Tensor tensor = at::empty(sizes, at::TensorOptions(at::kFloat));
  Rng rng(RngKey{.seed = seed});
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  }
  return tensor;
}

}  // namespace nas::test
