#include <ATen/TensorOperators.h>
#include <ATen/ops/var.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/ir/reachability.h"
#include "predictors/zerocost/kernels.h"
#include "predictors/zerocost/taps_torch.h"

namespace nas {
namespace {

constexpr std::int64_t kSwapImages = 16;  // SWAP-NAS (ICLR 2024)
constexpr double kZenStep = 0.01;         // Zen-NAS (ICCV 2021): "mixup gamma"

/// What feeds the last global pooling on the way to the output; where there is none, what feeds the
/// last layer. (Squeeze-and-excitation pools too, but earlier.)
NodeId last_feature_map(const ArchGraph& graph, const std::vector<bool>& live) {
  for (NodeId node = static_cast<NodeId>(graph.size()); node-- > 0;) {
    if (live[node] && graph.op(node).role == OpRole::kGlobalPool) return graph.inputs(node)[0].node;
  }
  return graph.inputs(graph.graph_outputs()[0].value.node)[0].node;
}

at::Tensor forward_to(const ModelImpl& model, const at::Tensor& images, NodeId wanted) {
  at::Tensor found;
  ForwardOptions options{.batch_statistics = true, .all_nodes = true};
  options.tap = [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
    if (node == wanted) found = output;
  };
  model.forward(images, options);
  return found;
}

/// Mean over channels of the running variances, and of the exact ones that they are mixed from: two
/// passes with momentum m leave (1 - m)^2 of the initial 1.
std::vector<std::array<double, 2>> normalisation_variances(const ModelImpl& model) {
  std::vector<std::array<double, 2>> variances;
  for (NodeId node = 0; node < model.graph.size(); ++node) {
    if (!has_running_statistics(model.graph, node)) continue;
    const int index = param_index(model.graph, node, "running_var");
    const double mean = model.tensors[node][static_cast<std::size_t>(index)].mean().item<double>();
    const double momentum = model.graph.get_real(node, "momentum");
    const double kept = (1 - momentum) * (1 - momentum);
    variances.push_back({mean, momentum > 0 ? std::max(mean - kept, 0.0) / (1 - kept) : 1.0});
  }
  return variances;
}

void take_zen(const Measurement& measurement, ModelImpl& model, Evidence& evidence) {
  const std::int64_t images = measurement.settings.batch;
  const at::Tensor x = noise_tensor(measurement, model, images, 1);
  const at::Tensor moved = x + kZenStep * noise_tensor(measurement, model, images, 2);
  const NodeId node = last_feature_map(measurement.graph, needed_nodes(measurement.graph));
  const at::Tensor before = forward_to(model, x, node).clone();
  const at::Tensor after = forward_to(model, moved, node);
  evidence.zen_response =
      (before - after).abs().to(at::kDouble).sum().item<double>() / static_cast<double>(images);
  evidence.zen_variances = normalisation_variances(model);
}

std::vector<SignPattern> patterns_of(const ModelImpl& model, const at::Tensor& images) {
  std::vector<SignPattern> patterns;
  const std::vector<bool> live = needed_nodes(model.graph);
  ForwardOptions options{.batch_statistics = true, .all_nodes = true};
  options.tap = pattern_tap(model.graph, live, patterns);
  model.forward(images, options);
  return patterns;
}

}  // namespace

void run_feature_pass(const Measurement& measurement, Model& model, Evidence& evidence) {
  if ((measurement.needs & kNeedsFeatureMaps) == 0) return;
  const c10::NoGradGuard no_grad;
  ForwardOptions options{.batch_statistics = true, .all_nodes = true};
  options.tap = [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
    if (output.dim() < 3) return;  // neither an image nor a sequence
    const at::Tensor map = output.to(at::kCPU, at::kFloat).contiguous();
    const auto* values = map.data_ptr<float>();
    evidence.feature_maps.push_back({.node = node,
                                     .channels = map.size(1),
                                     .positions = map.numel() / map.size(1),
                                     .values = {values, values + map.numel()}});
  };
  const at::Tensor images = batch_tensor(measurement, model.impl(), measurement.batches[0]);
  model.impl().forward(images.narrow(0, 0, 1), options);
}

void run_noise_patterns(const Measurement& measurement, Model& model, Evidence& evidence) {
  if ((measurement.needs & kNeedsNoisePatterns) == 0) return;
  const c10::NoGradGuard no_grad;
  evidence.noise_patterns = patterns_of(
      model.impl(), noise_tensor(measurement, model.impl(), measurement.settings.batch, 0));
}

void run_gaussian_pass(const Measurement& measurement, Model& model, Evidence& evidence) {
  const bool zen = (measurement.needs & kNeedsGaussianNet) != 0;
  const bool swap = (measurement.needs & kNeedsGaussianPatterns) != 0;
  if (!zen && !swap) return;
  const c10::NoGradGuard no_grad;
  redraw_weights(model, WeightLaw::kGaussian, measurement.key);
  if (zen) take_zen(measurement, model.impl(), evidence);
  if (!swap) return;
  const at::Tensor images = batch_tensor(measurement, model.impl(), measurement.batches[0]);
  evidence.gaussian_images = std::min(kSwapImages, images.size(0));
  evidence.gaussian_patterns =
      patterns_of(model.impl(), images.narrow(0, 0, evidence.gaussian_images));
}

}  // namespace nas
