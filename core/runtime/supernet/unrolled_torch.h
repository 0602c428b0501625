#pragma once

#include "core/runtime/optimizer_torch.h"
#include "core/runtime/supernet/mixed_network_torch.h"

namespace nas {

/// A search step of the second order (Liu et al., DARTS, ICLR 2019, eq. 7 and 8): the validation
/// loss after one step of the weights, w' = w - xi (momentum * buffer + dL_train/dw + decay * w);
/// what the optimiser does not decay does not decay here.
struct UnrolledStep {
  MixedNetwork& network;
  const LossHead& head;             ///< of L_train
  const LossHead& validation_head;  ///< of L_val: plain cross-entropy in the paper
  const MixDraw& draw;
  const TensorBatch& training;
  const TensorBatch& validation;
  const Recipe& recipe;
  const StepContext& context;  ///< xi is its rate
  std::vector<at::Tensor> weights;
};
/// L_val(w'), and L_train at w + epsilon v and w - epsilon v, where v = dL_val/dw' and epsilon =
/// 0.01 / |v|. The weights are as they were.
struct UnrolledLosses {
  MixedLoss validation, plus, minus;
  double epsilon = 0;
};
UnrolledLosses unrolled_losses(const UnrolledStep& step);

}  // namespace nas
