#include "predictors/zerocost/taps_torch.h"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/autograd/autograd.h>

#include "predictors/zerocost/batches.h"
#include "predictors/zerocost/kernels.h"

namespace nas {

const at::Tensor& weight_of(const ModelImpl& model, const WeightLayer& layer) {
  const int index = param_index(model.graph, layer.node, "weight");
  NAS_CHECK(index >= 0, "a weight layer has a weight");
  return model.tensors[layer.node][static_cast<std::size_t>(index)];
}

std::vector<at::Tensor> weights_of(const ModelImpl& model, const Evidence& evidence) {
  std::vector<at::Tensor> weights;
  for (const LayerEvidence& layer : evidence.layers) {
    weights.push_back(weight_of(model, layer.layer));
  }
  return weights;
}

FlatTensor::FlatTensor(const at::Tensor& tensor) {
  const auto format = tensor.suggest_memory_format();
  channels_last = format == at::MemoryFormat::ChannelsLast;
  owner = tensor.detach().to(at::kCPU, at::kFloat).contiguous(format);
}

std::span<const float> FlatTensor::values() const {
  return {owner.data_ptr<float>(), static_cast<std::size_t>(owner.numel())};
}

std::vector<float> values_like(const at::Tensor& gradient, const at::Tensor& like) {
  if (!gradient.defined()) return {};
  const at::Tensor flat =
      gradient.detach().to(at::kCPU, at::kFloat).contiguous(like.suggest_memory_format());
  const auto* values = flat.data_ptr<float>();
  return {values, values + flat.numel()};
}

at::Tensor batch_tensor(const Measurement& measurement, const ModelImpl& model,
                        const Batch& batch) {
  const NodeId input = measurement.graph.graph_inputs()[0];
  return image_tensor(batch.inputs, measurement.graph.output_types(input)[0].shape, batch.size(),
                      model.device);
}

at::Tensor label_tensor(const Batch& batch) {
  // from_blob wants a mutable pointer; the copy leaves the batch alone.
  auto* labels = const_cast<std::int64_t*>(batch.labels.data());
  return at::from_blob(labels, {batch.size()}, at::TensorOptions(at::kLong)).clone();
}

at::Tensor noise_tensor(const Measurement& measurement, const ModelImpl& model, std::int64_t images,
                        std::uint64_t stream) {
  const NodeId input = measurement.graph.graph_inputs()[0];
  const Shape& shape = measurement.graph.output_types(input)[0].shape;
  std::vector<float> values(static_cast<std::size_t>(images * shape.elements()));
  Rng rng = Rng({.seed = measurement.key.seed,
                 .study = stable_hash("noise"),
                 .trial = measurement.key.trial,
                 .purpose = Purpose::kProxy})
                .stream(stream);
  fill_normal(values, rng);
  return image_tensor(values, shape, images, model.device);
}

Tap pattern_tap(const ArchGraph& graph, const std::vector<bool>& live,
                std::vector<SignPattern>& patterns) {
  return [&](NodeId node, std::span<const at::Tensor> inputs, const at::Tensor&) {
    if (graph.op(node).role != OpRole::kRectifier) return;
    const FlatTensor flat(inputs[0]);
    patterns.push_back(pack_signs(flat.values(), inputs[0].size(0)));
    patterns.back().node = node;
    patterns.back().live = live[node];
  };
}

std::vector<at::Tensor> gradients(const at::Tensor& output, const at::Tensor& cotangent,
                                  const std::vector<at::Tensor>& inputs,
                                  const GradientOptions& options) {
  if (!output.requires_grad()) return std::vector<at::Tensor>(inputs.size());
  return torch::autograd::grad({output}, inputs, {cotangent}, options.keep || options.create,
                               options.create, /*allow_unused=*/true);
}

}  // namespace nas
