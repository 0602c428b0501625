#include "core/runtime/distill/distiller_torch.h"

#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace nas {
namespace {

at::Tensor make_adapter(const AdapterSpec& spec, std::uint64_t seed, at::Device device) {
  at::Tensor tensor = at::full(spec.shape, spec.constant, at::TensorOptions(at::kFloat));
  if (spec.bound > 0) {
    Rng rng =
        Rng({.seed = seed, .purpose = Purpose::kInit}).stream(stable_hash("distill." + spec.name));
    auto* values = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
      values[i] = static_cast<float>(rng.uniform(-spec.bound, spec.bound));
    }
  }
  return tensor.to(device).set_requires_grad(true);
}

/// Drops the finest maps of the network that has more.
void pair_up(std::vector<NodeId>& student, std::vector<NodeId>& teacher) {
  const std::size_t pairs = std::min(student.size(), teacher.size());
  for (std::vector<NodeId>* maps : {&student, &teacher}) {
    maps->erase(maps->begin(), maps->end() - static_cast<std::ptrdiff_t>(pairs));
  }
}

}  // namespace

std::unique_ptr<DistillMethod> make_distill_method(const DistillChoice& choice) {
  const DistillWeights weights = distill_weights(choice);
  for (const auto table : {logit_losses(), map_losses(), relation_losses(), diswot_losses()}) {
    for (const DistillBuilder& builder : table) {
      if (builder.loss == choice.loss) return builder.make(weights);
    }
  }
  check_failed(__FILE__, __LINE__, "a builder for every record", choice.loss);
}

FeatureShapes Distiller::shapes_of(const Network& network) {
  const ArchGraph& graph = network.model->graph;
  FeatureShapes shapes;
  for (const NodeId node : network.nodes.maps) {
    shapes.maps.push_back(graph.output_types(node)[0].shape);
  }
  shapes.pooled = graph.output_types(network.nodes.pooled)[0].shape[0];
  shapes.classes = graph.type(graph.graph_outputs().front().value).shape[0];
  return shapes;
}

Distiller::Distiller(const ModelImpl& student, const DistillSetup& setup, std::uint64_t seed)
    : method_(make_distill_method(setup.choice)),
      student_{&student, feature_nodes(student.graph)},
      teacher_{&setup.teacher->impl(), feature_nodes(setup.teacher->graph())} {
  pair_up(student_.nodes.maps, teacher_.nodes.maps);
  const FeatureShapes own = shapes_of(student_), taught = shapes_of(teacher_);
  if (own.classes != taught.classes) {
    throw Error(ErrorKind::kUsage, "the teacher tells " + std::to_string(taught.classes) +
                                       " classes apart, the student " +
                                       std::to_string(own.classes));
  }
  if (method_->weights().beta <= 0) return;
  for (const AdapterSpec& spec : method_->adapters(own, taught)) {
    adapters_.emplace_back(spec.name, make_adapter(spec, seed, student.device));
    adapter_tensors_.push_back(adapters_.back().second);
  }
}

Tap Distiller::collect_from(const Network& network, DistillFeatures& features) {
  features.maps.resize(network.nodes.maps.size());
  return [&network, &features](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
    const std::vector<NodeId>& maps = network.nodes.maps;
    const auto found = std::find(maps.begin(), maps.end(), node);
    const bool pooled = node == network.nodes.pooled;
    if (found == maps.end() && !pooled) return;
    const at::Tensor value = output.scalar_type() == at::kBFloat16 ? output.to(at::kFloat) : output;
    if (found != maps.end()) {
      features.maps[static_cast<std::size_t>(found - maps.begin())] = value;
    }
    if (pooled) features.pooled = value;
  };
}

Tap Distiller::collect(DistillFeatures& features) const {
  return collect_from(student_, features);
}

at::Tensor Distiller::loss(const DistillFeatures& features, const at::Tensor& images,
                           const at::Tensor& labels, const at::Tensor& label_loss) const {
  DistillFeatures taught;
  {
    const c10::NoGradGuard no_grad;
    taught.logits =
        teacher_.model->forward(images, {.tap = collect_from(teacher_, taught)}).front();
  }
  const DistillWeights& weights = method_->weights();
  at::Tensor total = label_loss.mul(weights.gamma);
  if (weights.alpha > 0) {
    total = total +
            soft_label_loss(features.logits, taught.logits, weights.temperature).mul(weights.alpha);
  }
  if (weights.beta > 0) {
    total = total + method_->loss({features, taught, labels, adapter_tensors_}).mul(weights.beta);
  }
  return total;
}

}  // namespace nas
