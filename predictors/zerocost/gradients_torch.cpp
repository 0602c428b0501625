#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ones_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <optional>

#include "core/ir/reachability.h"
#include "core/runtime/ops/second_order_torch.h"
#include "predictors/zerocost/kernels.h"
#include "predictors/zerocost/taps_torch.h"
#include "predictors/zerocost/vector_statistics_torch.h"

namespace nas {
namespace {

/// 1/2 mean over images of (sum over positions of a * dL/da)^2, taken from the backward pass as it
/// goes by, so that no gradient of an activation is kept.
class SaliencyHooks {
 public:
  SaliencyHooks(const ArchGraph& graph, Evidence& evidence)
      : evidence_(evidence), layer_of_(graph.size(), -1) {
    for (std::size_t i = 0; i < evidence.layers.size(); ++i) {
      layer_of_[evidence.layers[i].layer.node] = static_cast<int>(i);
    }
  }

  void watch(NodeId node, const at::Tensor& output) {
    if (layer_of_[node] < 0 || !output.requires_grad()) return;
    LayerEvidence& layer = evidence_.layers[static_cast<std::size_t>(layer_of_[node])];
    const at::Tensor activation = output.detach();
    output.register_hook([this, &layer, activation](const at::Tensor& gradient) {
      if (armed_) add(layer, activation, gradient);
    });
  }

  /// Only the first-order pass of the loss counts.
  void arm(bool on) { armed_ = on; }

 private:
  void add(LayerEvidence& layer, const at::Tensor& activation, const at::Tensor& gradient) const {
    const FlatTensor a(activation);
    const at::Tensor matched = gradient.detach().contiguous(activation.suggest_memory_format());
    const FlatTensor g(matched);
    const auto images = activation.size(0);
    const auto channels = activation.size(1);
    std::vector<double> sums(static_cast<std::size_t>(images * channels));
    channel_products(a.values(), g.values(), images, channels, a.channels_last, sums);
    layer.saliency.resize(static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < sums.size(); ++i) {
      layer.saliency[i % layer.saliency.size()] +=
          sums[i] * sums[i] / (2 * static_cast<double>(images));
    }
  }

  Evidence& evidence_;
  std::vector<int> layer_of_;
  bool armed_ = false;
};

class GradientPass {
 public:
  GradientPass(const Measurement& measurement, Model& model, Evidence& evidence)
      : measurement_(measurement),
        model_(model.impl()),
        evidence_(evidence),
        live_(needed_nodes(measurement.graph)),
        normalises_vectors_(std::ranges::count(vector_normalisations(measurement.graph), true) > 0),
        hooks_(measurement.graph, evidence) {}

  void run() {
    for (std::size_t i = 0; i < measurement_.batches.size(); ++i) {
      const bool extra = static_cast<std::int64_t>(i) >= measurement_.settings.batches;
      run_batch(measurement_.batches[i],
                extra ? measurement_.needs & kNeedsGradients : measurement_.needs);
    }
  }

 private:
  void run_batch(const Batch& batch, std::uint32_t needs) {
    if ((needs & kNeedsJacobian) != 0 && normalises_vectors_) {
      take_jacobian_apart(batch);
      needs &= ~std::uint32_t{kNeedsJacobian};
    }
    const bool differentiates =
        (needs & (kNeedsGradients | kNeedsChannelSaliency | kNeedsJacobian | kNeedsHessian)) != 0;
    if (!differentiates && (needs & kNeedsPatterns) == 0) return;
    const c10::AutoGradMode mode(differentiates);
    at::Tensor images = batch_tensor(measurement_, model_, batch);
    if ((needs & kNeedsJacobian) != 0) images.set_requires_grad(true);
    std::optional<FastSecondOrder> fast;
    if ((needs & kNeedsHessian) != 0) fast.emplace(model_);
    const at::Tensor logits = forward(images, needs);
    fast.reset();
    constexpr std::uint32_t kMore = kNeedsGradients | kNeedsChannelSaliency | kNeedsHessian;
    if ((needs & kNeedsJacobian) != 0) take_jacobian(logits, images, (needs & kMore) != 0);
    if ((needs & (kNeedsGradients | kNeedsChannelSaliency | kNeedsHessian)) != 0) {
      take_gradients(at::cross_entropy_loss(logits, label_tensor(batch)), needs);
    }
  }

  at::Tensor forward(const at::Tensor& images, std::uint32_t needs) {
    ForwardOptions options{.batch_statistics = true, .all_nodes = (needs & kNeedsDeadNodes) != 0};
    std::vector<SignPattern> patterns;
    const Tap note_patterns = pattern_tap(measurement_.graph, live_, patterns);
    options.tap = [&](NodeId node, std::span<const at::Tensor> inputs, const at::Tensor& output) {
      if ((needs & kNeedsPatterns) != 0) note_patterns(node, inputs, output);
      if ((needs & kNeedsChannelSaliency) != 0) hooks_.watch(node, output);
    };
    const at::Tensor logits = model_.forward(images, options)[0];
    if ((needs & kNeedsPatterns) != 0) evidence_.patterns.push_back(std::move(patterns));
    return logits;
  }

  void take_jacobian_apart(const Batch& batch) {
    const c10::AutoGradMode mode(true);
    at::Tensor samples = batch_tensor(measurement_, model_, batch);
    const VectorStatistics statistics(model_, samples);
    samples.set_requires_grad(true);
    take_jacobian(model_.forward(samples, {.batch_statistics = true})[0], samples, false);
  }

  void take_jacobian(const at::Tensor& logits, const at::Tensor& images, bool keep) {
    const auto found =
        gradients(logits, at::ones_like(logits), {images}, {.keep = keep, .create = false});
    std::vector<float> values = values_like(found[0], images);
    if (values.empty()) values.assign(static_cast<std::size_t>(images.numel()), 0);
    evidence_.jacobians.push_back(std::move(values));
  }

  void take_gradients(const at::Tensor& loss, std::uint32_t needs) {
    const std::vector<at::Tensor> weights = weights_of(model_, evidence_);
    const bool second = (needs & kNeedsHessian) != 0;
    hooks_.arm(true);
    const std::vector<at::Tensor> first =
        gradients(loss, at::ones_like(loss), weights, {.create = second});
    hooks_.arm(false);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      evidence_.layers[i].gradients.push_back(values_like(first[i], weights[i]));
    }
    if (second) take_second(first, weights, (needs & kNeedsFullHessian) != 0);
  }

  /// H g by differentiating <constant g, g>. Backward stops at the first layer that is asked for.
  void take_second(const std::vector<at::Tensor>& first, const std::vector<at::Tensor>& weights,
                   bool full) {
    at::Tensor product;
    for (const at::Tensor& g : first) {
      if (!g.defined() || !g.requires_grad()) continue;
      const at::Tensor term = (g.detach() * g).sum();
      product = product.defined() ? product + term : term;
    }
    if (!product.defined()) return;
    std::vector<std::size_t> layers;
    std::vector<at::Tensor> wanted;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (evidence_.layers[i].layer.normalised && !full) continue;
      layers.push_back(i);
      wanted.push_back(weights[i]);
    }
    if (wanted.empty()) return;
    const auto second = gradients(product, at::ones_like(product), wanted, {});
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::vector<float> values = values_like(second[i], wanted[i]);
      std::vector<float>& sum = evidence_.layers[layers[i]].hessian_gradient;
      sum.resize(std::max(sum.size(), values.size()));
      for (std::size_t k = 0; k < values.size(); ++k) sum[k] += values[k];
    }
  }

  const Measurement& measurement_;
  ModelImpl& model_;
  Evidence& evidence_;
  const std::vector<bool> live_;
  const bool normalises_vectors_;
  SaliencyHooks hooks_;
};

}  // namespace

void copy_weights(const Measurement& measurement, Model& model, Evidence& evidence) {
  if ((measurement.needs & kNeedsWeights) == 0) return;
  for (LayerEvidence& layer : evidence.layers) {
    const at::Tensor& weight = weight_of(model.impl(), layer.layer);
    layer.weights = values_like(weight, weight);
  }
}

void run_gradient_pass(const Measurement& measurement, Model& model, Evidence& evidence) {
  constexpr std::uint32_t kAny =
      kNeedsGradients | kNeedsChannelSaliency | kNeedsJacobian | kNeedsHessian | kNeedsPatterns;
  if ((measurement.needs & kAny) != 0) GradientPass(measurement, model, evidence).run();
}

}  // namespace nas
