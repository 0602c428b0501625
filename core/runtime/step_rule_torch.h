#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/runtime/distill.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/problems/loss_head_torch.h"
#include "core/runtime/schedule.h"

namespace nas {

class Optimizer;  // optimizer_torch.h

/// A batch on the device.
struct TensorBatch {
  at::Tensor inputs;  ///< [N, ...]
  at::Tensor labels;  ///< [N]
};

struct StepOutcome {
  double loss = 0;    ///< mean over the batch
  at::Tensor scores;  ///< class scores [N, classes]
};

/// Where in a training a step stands.
struct StepContext {
  std::int64_t epoch = 0;          ///< from 0
  std::int64_t step = 0;           ///< from 0, over all epochs
  double progress = 0;             ///< share of all steps that is done, [0, 1)
  double rate = 0;                 ///< learning rate of the step that follows
  Rng& chance;                     ///< for dropout
  Optimizer* optimizer = nullptr;  ///< whose state a rule may read
  std::int64_t epoch_steps = 1;    ///< steps of an epoch
};

/// What one step of a training does: which losses and networks make the gradient that the
/// optimiser then takes. Everything around a step (schedule, stop, checkpoint, curve) is the
/// loop's.
class StepRule {
 public:
  virtual ~StepRule() = default;
  /// Before the first step of an epoch, also of the one that a resumed training begins with.
  virtual void start_epoch(std::int64_t /*epoch*/) {}
  /// Learning rate of step `step`: by the recipe, unless the rule knows better.
  virtual double rate(const Recipe& recipe, std::int64_t step, std::int64_t epoch_steps) const {
    return learning_rate(recipe, step, epoch_steps);
  }
  /// Adds the gradient of the batch's loss to the trained tensors, whose gradients are cleared. A
  /// loss that is not finite is returned and leaves no gradient.
  virtual StepOutcome accumulate(const TensorBatch& batch, const StepContext& context) = 0;
  /// Right after the optimiser's step.
  virtual void finish_step() {}
  /// Of the epoch that has just ended, for the curve beside the loss: "entropy", "skip_share".
  virtual std::vector<NamedValue> epoch_values() { return {}; }
  /// Trained beside the network's own tensors and the head's, and part of the checkpoint.
  virtual NamedTensors& tensors() { return none_; }
  /// Tensors that the rule changes itself, which a checkpoint must hold: visit(name, tensor).
  /// `prepare`: makes those that only exist after the first step.
  using StateVisitor = std::function<void(const std::string& name, at::Tensor& tensor)>;
  virtual void visit_state(bool /*prepare*/, const StateVisitor& /*visitor*/) {}

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
