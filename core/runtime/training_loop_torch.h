#pragma once

#include <string>
#include <vector>

#include "core/runtime/model_torch.h"
#include "core/runtime/optimizer_torch.h"
#include "core/runtime/step_rule_torch.h"
#include "core/runtime/trainer.h"

namespace nas {

/// What a training trains, as its loop sees it: a network, or a bank of shared weights.
class Trainee {
 public:
  virtual ~Trainee() = default;
  /// All tensors in a fixed order; names are those in a checkpoint.
  virtual void visit(const ModelImpl::Visitor& visitor) = 0;
  /// What it is, as text: a checkpoint of another is refused.
  virtual std::string identity() const = 0;
  virtual const Shape& input() const = 0;  ///< of a sample
  virtual at::Device device() const = 0;
  virtual AbsentGradient absent_gradient() const { return AbsentGradient::kZero; }
  /// The problem's metrics, first in its order.
  virtual std::vector<NamedValue> judge(Part part, std::vector<std::uint32_t> samples) = 0;
};

struct TrainingParts {
  Trainee& trainee;
  StepRule& rule;
  const LossHead& head;
  std::string fidelity;  ///< what determines the result
};

/// The one loop around the steps of a training: schedule, stop, checkpoint, progress and curve.
/// `setup.distill` is the rule's business. Throws as `train`.
TrainReport run_training(const TrainingParts& parts, const TrainSetup& setup, bool with_test);

/// Throws Error(kUsage | kUnsupported) where the recipe and the problem cannot train a network of
/// this graph.
void check_trainable(const ArchGraph& graph, const TrainSetup& setup);

}  // namespace nas
