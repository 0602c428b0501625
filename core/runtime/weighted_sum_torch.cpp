#include "core/runtime/weighted_sum_torch.h"

#include <ATen/ops/dot.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/stack.h>
#include <torch/csrc/autograd/custom_function.h>

namespace nas {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Sum of the products of all elements.
at::Tensor inner_product(const at::Tensor& a, const at::Tensor& b) {
  const bool alike = a.strides() == b.strides() && a.is_non_overlapping_and_dense();
  if (!alike || a.requires_grad() || b.requires_grad()) return at::mul(a, b).sum();
  return at::dot(a.as_strided({a.numel()}, {1}), b.as_strided({b.numel()}, {1}));
}

struct WeightedSum : torch::autograd::Function<WeightedSum> {
  static Variable forward(AutogradContext* context, at::TensorList terms, const Variable& weights) {
    at::Tensor sum = at::mul(terms[0], weights.select(0, 0));
    for (std::size_t i = 1; i < terms.size(); ++i) {
      sum.add_(terms[i], weights.select(0, static_cast<std::int64_t>(i)).item());
    }
    variable_list saved = terms.vec();
    saved.push_back(weights);
    context->save_for_backward(std::move(saved));
    return sum;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    variable_list terms = context->get_saved_variables();
    const Variable weights = terms.back();
    terms.pop_back();
    const Variable& gradient = gradients[0];
    const bool weights_wanted = context->needs_input_grad(terms.size());
    variable_list results;
    std::vector<at::Tensor> of_weights;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const bool wanted = context->needs_input_grad(i);
      const at::Tensor weight = weights.select(0, static_cast<std::int64_t>(i));
      results.push_back(wanted ? at::mul(gradient, weight) : at::Tensor());
      if (weights_wanted) of_weights.push_back(inner_product(gradient, terms[i]));
    }
    results.push_back(weights_wanted ? at::stack(of_weights) : at::Tensor());
    return results;
  }
};

}  // namespace

at::Tensor weighted_sum(std::span<const at::Tensor> terms, const at::Tensor& weights) {
  return WeightedSum::apply(at::TensorList(terms.data(), terms.size()), weights);
}

}  // namespace nas
