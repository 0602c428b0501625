#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/api/evaluation.h"
#include "core/runtime/optimizer_torch.h"
#include "core/runtime/problems/loss_head_torch.h"
#include "core/runtime/step_rule_torch.h"
#include "core/runtime/training_loop_torch.h"

namespace nas {

/// Exponential averages of weights and running statistics.
class AveragedWeights {
 public:
  /// Starts with the values of `tensors`, whose memory it shares.
  AveragedWeights(std::span<const at::Tensor> tensors, double decay);
  bool on() const { return decay_ > 0; }
  /// average = decay * average + (1 - decay) * value.
  void update();
  /// Exchanges averages and weights; twice restores both exactly.
  void swap();
  std::vector<at::Tensor>& tensors() { return averages_; }  ///< in the order of the tensors

 private:
  std::vector<at::Tensor> values_;
  std::vector<at::Tensor> averages_;
  double decay_;
};

/// Everything that continuing a training needs. Random streams have no state: they depend on epoch
/// and step.
struct TrainingState {
  Trainee& trainee;
  StepRule& rule;
  Optimizer& optimizer;
  AveragedWeights& average;
  std::string fidelity;  ///< a checkpoint of another training is refused
  /// Tensors trained beside the model's, after them in the optimiser, by their names in the file.
  NamedTensors beside{};
  std::int64_t epochs_done = 0;
  std::vector<CurvePoint> curve;
};

/// Atomic: a crash leaves the checkpoint of the epoch before.
void save_training(TrainingState& state, const std::filesystem::path& path);

/// Throws Error(kData) when the file is damaged or belongs to another network, data set or recipe.
void resume_training(TrainingState& state, const std::filesystem::path& path);

}  // namespace nas
