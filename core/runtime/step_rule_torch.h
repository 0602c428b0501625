#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "core/runtime/distill.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/problems/loss_head_torch.h"

namespace nas {

/// A batch on the device.
struct TensorBatch {
  at::Tensor inputs;  ///< [N, ...]
  at::Tensor labels;  ///< [N]
};

struct StepOutcome {
  double loss = 0;    ///< mean over the batch
  at::Tensor scores;  ///< class scores [N, classes]
};

/// What one step of a training does: which losses and networks make the gradient that the
/// optimiser then takes. Everything around a step (schedule, stop, checkpoint, curve) is the
/// loop's.
class StepRule {
 public:
  virtual ~StepRule() = default;
  /// Adds the gradient of the batch's loss to the trained tensors, whose gradients are cleared. A
  /// loss that is not finite is returned and leaves no gradient. `chance`: for dropout.
  virtual StepOutcome accumulate(const TensorBatch& batch, Rng& chance) = 0;
  /// Trained beside the network's own tensors and the head's, and part of the checkpoint.
  virtual NamedTensors& tensors() { return none_; }

 private:
  NamedTensors none_;
};

/// The network and the loss of its outputs, as all rules use them.
struct TrainedNetwork {
  const ModelImpl& model;
  const LossHead& head;
  /// Weight of the loss of the output "auxiliary"; 0: there is none.
  double auxiliary_weight = 0;
};
/// The loss of all outputs of the network, [].
at::Tensor label_loss(const TrainedNetwork& network, std::span<const at::Tensor> outputs,
                      const at::Tensor& labels);
/// Backward, unless the loss is not finite; its value.
double backward(const at::Tensor& loss);

/// One forward and one backward pass. Throws Error(kUsage) for an auxiliary weight where the
/// network has no output "auxiliary".
std::unique_ptr<StepRule> plain_rule(const TrainedNetwork& network);

/// The same, learning from a teacher as well. Throws Error(kUsage) when teacher, student and loss
/// do not fit each other.
std::unique_ptr<StepRule> distilled_rule(const TrainedNetwork& network, const DistillSetup& setup,
                                         std::uint64_t seed);

}  // namespace nas
