#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <utility>

#include "predictors/zerocost/taps_torch.h"
#include "predictors/zerocost/vector_statistics_torch.h"

namespace nas {
namespace {

/// All parameters and buffers by their absolute values, in double precision: values reach 1e50.
void make_positive(ModelImpl& model) {
  const c10::NoGradGuard no_grad;
  model.set_precision(at::kDouble);
  for (auto& owned : model.tensors) {
    for (at::Tensor& tensor : owned) tensor.abs_();
  }
}

at::Tensor ones_image(const ModelImpl& model) {
  const Shape& shape = model.graph.output_types(model.graph.graph_inputs()[0])[0].shape;
  std::vector<std::int64_t> sizes{1};
  sizes.insert(sizes.end(), shape.dims().begin(), shape.dims().end());
  return at::ones(sizes, at::TensorOptions(at::kDouble).device(model.device));
}

std::vector<double> doubles_like(const at::Tensor& tensor, const at::Tensor& like) {
  if (!tensor.defined()) return {};
  const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous(like.suggest_memory_format());
  const auto* values = flat.data_ptr<double>();
  return {values, values + flat.numel()};
}

double absolute_product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < b.size(); ++i) sum += std::abs(a[i] * b[i]);
  return sum;
}

bool is_monotone(const ArchGraph& graph) {
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (!graph.op(node).monotone) return false;
  }
  return true;
}

/// Without batch normalisation and gradients by weight: in a monotone network all gradients are
/// >= 0 and sum |w dR/dw| of a layer equals the sum over its output of (y - bias) dR/dy. That saves
/// the gradients of the weights.
void flow_by_outputs(ModelImpl& model, Evidence& evidence) {
  std::vector<int> layer_of(model.graph.size(), -1);
  for (std::size_t i = 0; i < evidence.layers.size(); ++i) {
    layer_of[evidence.layers[i].layer.node] = static_cast<int>(i);
  }
  ForwardOptions options{.batch_statistics = true};
  options.tap = [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
    if (layer_of[node] < 0 || !output.requires_grad()) return;
    LayerEvidence& layer = evidence.layers[static_cast<std::size_t>(layer_of[node])];
    const int bias = param_index(model.graph, node, "bias");
    at::Tensor response = output.detach();
    if (bias >= 0) {
      at::Tensor shift = model.tensors[node][static_cast<std::size_t>(bias)].detach();
      std::vector<std::int64_t> channels(static_cast<std::size_t>(response.dim()), 1);
      channels[1] = -1;
      shift = shift.view(channels);
      response = response - shift;
    }
    output.register_hook([&layer, response](const at::Tensor& gradient) {
      layer.flow += (response * gradient).sum().item<double>();
    });
  };
  at::Tensor image = ones_image(model).set_requires_grad(true);
  const at::Tensor total = model.forward(image, options)[0].sum();
  gradients(total, at::ones_like(total), {image}, {});
}

void flow_by_weights(ModelImpl& model, Evidence& evidence, bool normalised) {
  const std::vector<at::Tensor> weights = weights_of(model, evidence);
  const at::Tensor total = model.forward(ones_image(model), {.batch_statistics = true})[0].sum();
  const auto found = gradients(total, at::ones_like(total), weights, {});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    LayerEvidence& layer = evidence.layers[i];
    std::vector<double> values = doubles_like(weights[i], weights[i]);
    std::vector<double> slopes = doubles_like(found[i], weights[i]);
    (normalised ? layer.normalised_flow : layer.flow) = absolute_product(values, slopes);
    if (normalised) continue;
    layer.flow_weights = std::move(values);
    layer.flow_gradients = std::move(slopes);
  }
}

std::vector<bool> all_normalisations(const ArchGraph& graph) {
  std::vector<bool> found(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    found[node] = graph.op(node).role == OpRole::kNormalisation;
  }
  return found;
}

/// Replaces normalisations by nothing while it lives.
class WithoutNormalisation {
 public:
  WithoutNormalisation(ModelImpl& model, const std::vector<bool>& which)
      : model_(model), kernels_(model.kernels) {
    for (NodeId node = 0; node < model.graph.size(); ++node) {
      if (!which[node]) continue;
      model.kernels[node] = [](const OpRun& run) { return run.inputs[0]; };
    }
  }
  ~WithoutNormalisation() { model_.kernels.swap(kernels_); }
  WithoutNormalisation(const WithoutNormalisation&) = delete;
  WithoutNormalisation& operator=(const WithoutNormalisation&) = delete;

 private:
  ModelImpl& model_;
  std::vector<OpKernel> kernels_;
};

}  // namespace

void run_flow_pass(const Measurement& measurement, Model& model, Evidence& evidence) {
  const bool plain = (measurement.needs & (kNeedsFlow | kNeedsFlowGradients)) != 0;
  const bool normalised = (measurement.needs & kNeedsNormalisedFlow) != 0;
  if (!plain && !normalised) return;
  ModelImpl& impl = model.impl();
  make_positive(impl);
  if (plain) {
    const WithoutNormalisation off(impl, all_normalisations(impl.graph));
    if ((measurement.needs & kNeedsFlowGradients) != 0 || !is_monotone(measurement.graph)) {
      flow_by_weights(impl, evidence, false);
    } else {
      flow_by_outputs(impl, evidence);
    }
  }
  if (!normalised) return;
  // One sample: its own statistics would make zeros of a vector.
  const WithoutNormalisation off(impl, vector_normalisations(impl.graph));
  flow_by_weights(impl, evidence, true);
}

}  // namespace nas
