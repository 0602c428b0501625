#include "core/runtime/supernet/unrolled_torch.h"

#include <ATen/ops/norm.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace nas {
namespace {

using Tensors = std::vector<at::Tensor>;

Tensors copies(const Tensors& tensors) {
  const c10::NoGradGuard no_grad;
  Tensors result;
  for (const at::Tensor& tensor : tensors) result.push_back(tensor.detach().clone());
  return result;
}

/// weights = base + factor * direction, where there is a direction.
void move(Tensors& weights, const Tensors& base, const Tensors& direction, double factor) {
  const c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i].copy_(base[i]);
    if (direction[i].defined()) weights[i].add_(direction[i], factor);
  }
}

double norm_of(const Tensors& tensors) {
  double square = 0;
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.defined()) continue;
    const auto length = at::norm(tensor).item<double>();
    square += length * length;
  }
  return std::sqrt(square);
}

/// What the optimiser would subtract, times the rate.
void add_decay_and_momentum(Tensors& gradients, const Tensors& base, const UnrolledStep& step) {
  const c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined() || !decays(step.recipe, base[i])) continue;
    gradients[i] = gradients[i].add(base[i], step.recipe.weight_decay);
  }
  if (step.context.optimizer == nullptr) return;
  step.context.optimizer->visit_state(
      false, [&](std::size_t i, const std::string& name, at::Tensor& buffer) {
        if (name != "momentum_buffer" || i >= gradients.size() || !gradients[i].defined()) return;
        gradients[i].add_(buffer, step.recipe.momentum);
      });
}

}  // namespace

UnrolledLosses unrolled_losses(const UnrolledStep& step) {
  Tensors weights = step.weights;
  const Tensors base = copies(weights);
  Tensors gradients, direction, unused;
  const auto loss = [&](const TensorBatch& batch, const LossHead& head, Tensors& found) {
    return step.network.loss_of_both(batch, head, step.draw, step.context.chance, weights, found);
  };
  UnrolledLosses losses;
  const MixedLoss first = loss(step.training, step.head, gradients);
  if (!std::isfinite(first.value)) {
    losses.validation.value = first.value;
    return losses;
  }
  add_decay_and_momentum(gradients, base, step);
  move(weights, base, gradients, -step.context.rate);
  losses.validation = loss(step.validation, step.validation_head, direction);
  const double norm = std::isfinite(losses.validation.value) ? norm_of(direction) : 0;
  // Where the held-out loss is flat the part through the weights is zero: plus and minus stay
  // empty.
  if (norm > 0 && std::isfinite(norm)) {
    losses.epsilon = 0.01 / norm;
    move(weights, base, direction, losses.epsilon);
    losses.plus = loss(step.training, step.head, unused);
    move(weights, base, direction, -losses.epsilon);
    losses.minus = loss(step.training, step.head, unused);
  }
  move(weights, base, Tensors(base.size()), 0);
  return losses;
}

}  // namespace nas
