#include "predictors/parzc/rank_loss_torch.h"

#include <ATen/ops/softplus.h>

#include "core/util/text.h"

namespace nas {
namespace {

/// [N] -> [N, N], i - j.
at::Tensor differences(const at::Tensor& values) {
  return values.unsqueeze(1) - values.unsqueeze(0);
}

}  // namespace

at::Tensor diff_kendall_loss(const at::Tensor& predictions, const at::Tensor& targets,
                             double alpha) {
  const auto n = static_cast<double>(predictions.size(0));
  const at::Tensor agreement =
      differences(predictions).mul(alpha / 2).tanh() * differences(targets).mul(alpha / 2).tanh();
  return agreement.sum().mul(-2 / (n * (n - 1)));
}

at::Tensor pairwise_loss(const at::Tensor& predictions, const at::Tensor& targets) {
  const auto n = static_cast<double>(predictions.size(0));
  const at::Tensor margins = differences(predictions) * differences(targets).sign();
  // The diagonal holds ln 2 each and is not a pair.
  const at::Tensor diagonal = margins.diagonal();
  return (at::softplus(-margins).sum() - at::softplus(-diagonal).sum()).div(n * (n - 1));
}

at::Tensor rank_loss(const std::string& loss, double alpha, const at::Tensor& predictions,
                     const at::Tensor& targets) {
  at::Tensor total;
  for (const std::string& term : split(loss, '+')) {
    const at::Tensor value = term == "diffkendall" ? diff_kendall_loss(predictions, targets, alpha)
                             : term == "pairwise"  ? pairwise_loss(predictions, targets)
                                                   : (predictions - targets).square().mean();
    total = total.defined() ? total + value : value;
  }
  return total;
}

}  // namespace nas
