#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "predictors/zerocost/kernels.h"
#include "predictors/zerocost/taps_torch.h"
#include "predictors/zerocost/vector_statistics_torch.h"

namespace nas {
namespace {

/// Every sample alone in train mode: the batch statistics are those of the one sample.
void take_sample_signs(const Measurement& measurement, ModelImpl& model, Evidence& evidence) {
  const at::Tensor images = batch_tensor(measurement, model, measurement.batches[0]);
  const at::Tensor labels = label_tensor(measurement.batches[0]);
  const std::vector<at::Tensor> weights = weights_of(model, evidence);
  const VectorStatistics statistics(model, images);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    evidence.layers[i].sample_signs.assign(static_cast<std::size_t>(weights[i].numel()), 0);
  }
  for (std::int64_t b = 0; b < images.size(0); ++b) {
    const at::Tensor logits = model.forward(images.narrow(0, b, 1), {.batch_statistics = true})[0];
    const at::Tensor loss = at::cross_entropy_loss(logits, labels.narrow(0, b, 1));
    const auto found = gradients(loss, at::ones_like(loss), weights, {});
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::vector<float> values = values_like(found[i], weights[i]);
      if (!values.empty()) add_signs(values, evidence.layers[i].sample_signs);
    }
  }
}

/// Parameters whose name contains "weight": batch normalisation included.
std::vector<at::Tensor> named_weights(ModelImpl& model) {
  std::vector<at::Tensor> weights;
  model.visit([&](const std::string&, at::Tensor& tensor, const ParamSpec& spec) {
    if (spec.trainable && spec.name == "weight") weights.push_back(tensor);
  });
  return weights;
}

void take_tangent_kernel(const Measurement& measurement, ModelImpl& model, Evidence& evidence) {
  const at::Tensor all = batch_tensor(measurement, model, measurement.batches[0]);
  const std::int64_t images = std::min(measurement.kernel_images, all.size(0));
  const std::vector<at::Tensor> weights = named_weights(model);
  std::int64_t size = 0;
  for (const at::Tensor& weight : weights) size += weight.numel();
  at::Tensor rows = at::zeros({images, size}, at::TensorOptions(at::kFloat));
  const VectorStatistics statistics(model, all.narrow(0, 0, images));
  const at::Tensor logits = model.forward(all.narrow(0, 0, images), {.batch_statistics = true})[0];
  for (std::int64_t b = 0; b < images; ++b) {
    const at::Tensor output = logits[b].sum();
    const auto found = gradients(output, at::ones_like(output), weights, {.keep = b + 1 < images});
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::int64_t count = weights[i].numel();
      if (found[i].defined()) {
        rows[b].narrow(0, offset, count).copy_(found[i].detach().reshape({-1}));
      }
      offset += count;
    }
  }
  const at::Tensor kernel = at::mm(rows, rows.t()).to(at::kDouble).contiguous();
  const auto* values = kernel.data_ptr<double>();
  evidence.tangent_kernel.assign(values, values + kernel.numel());
  evidence.kernel_images = images;
}

/// VKDNW looks at the first weight of each of the first 128 parameter tensors.
constexpr std::int64_t kFisherTensors = 128;
constexpr std::int64_t kFisherImages = 16;
constexpr double kFisherSmoothing = 0.05;

/// [classes, tensors]: the gradients of one image's outputs by the first weights.
at::Tensor first_weight_jacobian(const at::Tensor& logits, const std::vector<at::Tensor>& tensors) {
  const std::int64_t classes = logits.size(1);
  at::Tensor jacobian = at::zeros({classes, static_cast<std::int64_t>(tensors.size())},
                                  at::TensorOptions(at::kDouble));
  auto* values = jacobian.data_ptr<double>();
  for (std::int64_t c = 0; c < classes; ++c) {
    const at::Tensor output = logits[0][c];
    const auto found = gradients(output, at::ones_like(output), tensors, {.keep = c + 1 < classes});
    for (const at::Tensor& gradient : found) {
      *values++ = gradient.defined() ? gradient.reshape({-1})[0].item<double>() : 0.0;
    }
  }
  return jacobian;
}

}  // namespace

void run_sample_passes(const Measurement& measurement, Model& model, Evidence& evidence) {
  if ((measurement.needs & kNeedsSampleSigns) != 0) {
    take_sample_signs(measurement, model.impl(), evidence);
  }
  if ((measurement.needs & kNeedsTangentKernel) != 0) {
    take_tangent_kernel(measurement, model.impl(), evidence);
  }
}

void run_fisher_matrix_pass(const Measurement& measurement, Model& model, Evidence& evidence) {
  if ((measurement.needs & kNeedsFisherMatrix) == 0) return;
  redraw_weights(model, WeightLaw::kKaimingNormal, measurement.key);
  ModelImpl& impl = model.impl();
  std::vector<at::Tensor> tensors = impl.parameters();
  evidence.parameter_tensors = static_cast<std::int64_t>(tensors.size());
  tensors.resize(std::min<std::size_t>(tensors.size(), kFisherTensors));
  evidence.fisher_tensors = static_cast<std::int64_t>(tensors.size());
  const at::Tensor images = noise_tensor(measurement, impl, kFisherImages, 3);
  const VectorStatistics statistics(impl, images);
  at::Tensor sum =
      at::zeros({evidence.fisher_tensors, evidence.fisher_tensors}, at::TensorOptions(at::kDouble));
  for (std::int64_t b = 0; b < kFisherImages; ++b) {
    const at::Tensor logits = impl.forward(images.narrow(0, b, 1), {.batch_statistics = true})[0];
    const at::Tensor jacobian = first_weight_jacobian(logits, tensors);
    at::Tensor p = at::softmax(logits[0].detach().to(at::kDouble), 0);
    p = p * (1 - kFisherSmoothing) + kFisherSmoothing / static_cast<double>(p.size(0));
    // J^T (diag(p) - p p^T) J
    const at::Tensor mean = at::mm(p.unsqueeze(0), jacobian);
    sum += at::mm(jacobian.t(), p.unsqueeze(1) * jacobian) - at::mm(mean.t(), mean);
  }
  sum /= static_cast<double>(kFisherImages);
  const at::Tensor flat = sum.contiguous();
  const auto* values = flat.data_ptr<double>();
  evidence.fisher_matrix.assign(values, values + flat.numel());
}

}  // namespace nas
