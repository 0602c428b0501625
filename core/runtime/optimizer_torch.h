#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/recipe.h"

namespace nas {

/// torch::optim behind a small door (its headers take 20 s to compile). Weight decay holds for all
/// parameters, biases and batch norm included, as in the published NAS-Bench-201 and DARTS
/// training.
class Optimizer {
 public:
  /// Throws Error(kUsage) for an unknown optimiser.
  Optimizer(const Recipe& recipe, std::vector<at::Tensor> parameters);
  ~Optimizer();

  void zero_grad();
  /// Scales all gradients so that their global norm is at most `max_norm`; returns the norm before.
  double clip(double max_norm);
  void step(double learning_rate);

  /// The state as tensors: visit(parameter index, "momentum_buffer" | "exp_avg" | "exp_avg_sq" |
  /// "step", tensor). `prepare` makes missing state first, so that a fresh optimiser can be filled
  /// from a checkpoint.
  using Visitor =
      std::function<void(std::size_t parameter, const std::string& name, at::Tensor& tensor)>;
  void visit_state(bool prepare, const Visitor& visitor);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nas
