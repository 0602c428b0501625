#include "predictors/zerocost/vector_statistics_torch.h"

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <utility>

namespace nas {
namespace {

OpKernel with_statistics_of(const ArchGraph& graph, NodeId node, const at::Tensor& input) {
  const at::Tensor mean = input.mean(0, true);
  const at::Tensor variance = (input - mean).square().mean(0, true);
  const at::Tensor scale = (variance + graph.get_real(node, "eps")).rsqrt();
  const int weight = param_index(graph, node, "weight");
  const int bias = param_index(graph, node, "bias");
  return [=](const OpRun& run) {
    at::Tensor y = (run.inputs[0] - mean) * scale;
    const auto param = [&](int index) {
      return run.params[static_cast<std::size_t>(index)].view_as(mean[0]);
    };
    if (weight >= 0) y = y * param(weight);
    return bias >= 0 ? y + param(bias) : y;
  };
}

}  // namespace

std::vector<bool> vector_normalisations(const ArchGraph& graph) {
  std::vector<bool> found(graph.size(), false);
  for (NodeId node = 0; node < graph.size(); ++node) {
    const Shape& shape = graph.output_types(node)[0].shape;
    // Maps of one pixel stay with the statistics of their batch, as the released codes have them.
    found[node] =
        has_running_statistics(graph, node) && shape.rank() < 3 && shape.elements() == shape[0];
  }
  return found;
}

VectorStatistics::VectorStatistics(ModelImpl& model, const at::Tensor& samples)
    : model_(model), kernels_(model.kernels) {
  const std::vector<bool> vectors = vector_normalisations(model.graph);
  if (std::find(vectors.begin(), vectors.end(), true) == vectors.end()) return;
  const c10::NoGradGuard no_grad;
  std::vector<OpKernel> fixed = kernels_;
  ForwardOptions options{.batch_statistics = true};
  options.tap = [&](NodeId node, std::span<const at::Tensor> inputs, const at::Tensor&) {
    if (vectors[node]) fixed[node] = with_statistics_of(model.graph, node, inputs[0]);
  };
  model.forward(samples, options);
  model.kernels = std::move(fixed);
}

VectorStatistics::~VectorStatistics() {
  model_.kernels.swap(kernels_);
}

}  // namespace nas
