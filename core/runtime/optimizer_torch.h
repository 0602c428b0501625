#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/recipe.h"

namespace nas {

/// What becomes of a tensor that a step's loss does not depend on.
enum class AbsentGradient : std::uint8_t {
  kZero,  ///< its gradient is zero: it decays, and its momentum moves it on, like all others
  kSkip,  ///< it is left alone with its state, as the paths of a supernet that were not drawn
};

/// Does weight decay hold for this parameter? Without `recipe.decay_norm` not for biases and the
/// scales of normalisations, which have one dimension.
bool decays(const Recipe& recipe, const at::Tensor& parameter);

/// torch::optim behind a small door (its headers take 20 s to compile). Weight decay holds for all
/// parameters, biases and batch norm included, as in the published NAS-Bench-201 and DARTS
/// training, where `decays` says no other.
class Optimizer {
 public:
  /// Throws Error(kUsage) for an unknown optimiser.
  Optimizer(const Recipe& recipe, std::vector<at::Tensor> parameters,
            AbsentGradient absent = AbsentGradient::kZero);
  ~Optimizer();

  void zero_grad();
  /// Scales all gradients so that their global norm is at most `max_norm`; returns the norm before.
  double clip(double max_norm);
  void step(double learning_rate);

  /// The state as tensors: visit(parameter index, "momentum_buffer" | "exp_avg" | "exp_avg_sq" |
  /// "square_avg" | "sum" | "step", tensor). `prepare` makes missing state first, so that a fresh
  /// optimiser can be filled from a checkpoint.
  using Visitor =
      std::function<void(std::size_t parameter, const std::string& name, at::Tensor& tensor)>;
  void visit_state(bool prepare, const Visitor& visitor);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nas
