#pragma once

#include "core/runtime/model_torch.h"

namespace nas {

/// While it lives, convolutions and batch normalisations (float32 on the CPU, in train mode) run
/// with second derivatives of our own. LibTorch 1.13 writes those of a convolution as convolutions
/// with windows as large as the image, and those of batch normalisation as some twenty passes over
/// the activations: together three quarters of a Hessian-vector product.
///
/// Gradients of the normalisation's own weight and bias end at the first order.
class FastSecondOrder {
 public:
  explicit FastSecondOrder(ModelImpl& model);
  ~FastSecondOrder();
  FastSecondOrder(const FastSecondOrder&) = delete;
  FastSecondOrder& operator=(const FastSecondOrder&) = delete;

 private:
  ModelImpl& model_;
  std::vector<OpKernel> kernels_;
};

}  // namespace nas
