#pragma once

#include <ATen/core/Tensor.h>

#include "core/runtime/pool_kernel.h"

namespace nas {

/// Average pooling of images [N, C, H, W], differentiable any number of times. Ours for float32 and
/// float64 on the CPU (contiguous or channels last), LibTorch's otherwise: LibTorch 1.13's generic
/// kernel takes up to 44 % of a training step of NAS-Bench-201.
at::Tensor average_pool(const at::Tensor& images, const PoolWindow& window);

}  // namespace nas
