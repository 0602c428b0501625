#include "core/runtime/supernet/mixed_network_torch.h"

#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "core/ir/blueprint/open_mixture.h"
#include "core/ops/registry.h"

namespace nas {
namespace {

at::Tensor leaf(const std::vector<double>& values, at::Device device, bool gradient) {
  return at::tensor(at::ArrayRef<double>(values), at::TensorOptions(at::kDouble))
      .to(device, at::kFloat)
      .set_requires_grad(gradient);
}

std::vector<double> numbers(const at::Tensor& tensor, std::size_t count) {
  if (!tensor.defined()) return std::vector<double>(count, 0.0);
  const at::Tensor values = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  const auto* begin = values.data_ptr<double>();
  return {begin, begin + values.numel()};
}

/// Of a loss with respect to tensors; undefined where it does not depend on one.
std::vector<at::Tensor> gradients_of(const at::Tensor& loss,
                                     const std::vector<at::Tensor>& tensors) {
  return torch::autograd::grad({loss}, tensors, {}, false, false, true);
}

/// Of the first gradients of a list, in the shape of the draw's weights.
ArchVectors in_shape(const MixDraw& draw, std::span<const at::Tensor> gradients) {
  ArchVectors result;
  std::size_t index = 0;
  for (const auto& weights : draw.weights.alphas) {
    result.alphas.push_back(numbers(gradients[index++], weights.size()));
  }
  for (const auto& weights : draw.weights.betas) {
    result.betas.push_back(numbers(gradients[index++], weights.size()));
  }
  return result;
}

}  // namespace

std::vector<at::Tensor> MixedNetwork::Leaves::list() const {
  std::vector<at::Tensor> all = alphas;
  all.insert(all.end(), betas.begin(), betas.end());
  return all;
}

MixedNetwork::MixedNetwork(WeightBankImpl& bank, const ChoiceGroups& groups, bool keep_statistics)
    : bank_(bank),
      groups_(groups),
      statistics_(keep_statistics ? Statistics::kShared : Statistics::kOwn) {}

bool MixedNetwork::is_whole(const MixDraw& draw) const {
  for (std::size_t g = 0; g < draw.present.size(); ++g) {
    if (draw.present[g].size() != groups_.choices[g].alternatives.size()) return false;
  }
  return true;
}

MixedNetwork::Network MixedNetwork::build(const MixDraw& draw, bool gradient) const {
  Alternatives alternatives;
  for (const std::size_t group : groups_.of_selector) {
    alternatives.push_back(draw.present[group]);
  }
  // A single alternative needs no weight where nobody asks for its gradient: it is 1.
  TracedGraph traced = gradient ? open_mixture(*bank_.blueprint, alternatives)
                                : mixture(*bank_.blueprint, alternatives);
  BorrowedModel borrowed = bank_.borrow(traced, statistics_);
  return {std::move(traced), std::move(borrowed)};
}

MixedNetwork::Leaves MixedNetwork::make_leaves(const MixDraw& draw, bool gradient) const {
  Leaves leaves;
  for (const auto& weights : draw.weights.alphas) {
    leaves.alphas.push_back(leaf(weights, bank_.device, gradient));
  }
  for (const auto& weights : draw.weights.betas) {
    leaves.betas.push_back(leaf(weights, bank_.device, gradient));
  }
  return leaves;
}

void MixedNetwork::put(const Leaves& leaves, const TracedGraph& traced, ModelImpl& model) const {
  for (NodeId node = 0; node < traced.graph.size(); ++node) {
    if (&traced.graph.op(node) != &mix_op) continue;
    const std::uint32_t origin = traced.origin[node];
    const BlueprintNode& source = bank_.blueprint->nodes[origin];
    model.tensors[node][0] = source.op == nullptr
                                 ? leaves.alphas[groups_.of_selector[source.selector]]
                                 : leaves.betas[groups_.sum_of_node[origin]];
  }
}

MixedNetwork::Pass MixedNetwork::pass(const at::Tensor& inputs, const MixDraw& draw, bool gradient,
                                      const ForwardOptions& options) {
  std::optional<Network> own;
  const bool whole = is_whole(draw);
  if (whole && !whole_) whole_ = build(draw, true);
  if (!whole) own = build(draw, gradient);
  const Network& network = whole ? *whole_ : *own;
  Leaves leaves = make_leaves(draw, gradient);
  put(leaves, network.traced, *network.borrowed.model);
  at::Tensor output = network.borrowed.model->forward(inputs, options)[0];
  if (statistics_ == Statistics::kShared) bank_.keep_statistics(network.borrowed);
  return {std::move(output), std::move(leaves)};
}

at::Tensor MixedNetwork::forward(const at::Tensor& inputs, const MixDraw& draw, Rng& chance) {
  return pass(inputs, draw, false, {.training = true, .batch_statistics = true, .chance = &chance})
      .output;
}

MixedLoss MixedNetwork::loss(const TensorBatch& batch, const LossHead& head, const MixDraw& draw,
                             Rng& chance, bool all_gates) {
  if (all_gates) return loss_of_all_gates(batch, head, draw, chance);
  std::vector<at::Tensor> none;
  return loss_of_both(batch, head, draw, chance, {}, none);
}

MixedLoss MixedNetwork::loss_of_both(const TensorBatch& batch, const LossHead& head,
                                     const MixDraw& draw, Rng& chance,
                                     std::span<const at::Tensor> tensors,
                                     std::vector<at::Tensor>& gradients) {
  const Pass run = pass(batch.inputs, draw, true,
                        {.training = true, .batch_statistics = true, .chance = &chance});
  const at::Tensor loss = head.loss(run.output, batch.labels);
  MixedLoss result{loss.item<double>(), {}};
  if (!std::isfinite(result.value)) return result;
  std::vector<at::Tensor> asked = run.leaves.list();
  const auto first = static_cast<std::ptrdiff_t>(asked.size());
  asked.insert(asked.end(), tensors.begin(), tensors.end());
  const std::vector<at::Tensor> all = gradients_of(loss, asked);
  result.gradient = in_shape(draw, all);
  gradients.assign(all.begin() + first, all.end());
  return result;
}

MixedLoss MixedNetwork::loss_of_all_gates(const TensorBatch& batch, const LossHead& head,
                                          const MixDraw& draw, Rng& chance) {
  std::vector<std::uint32_t> origins;
  std::vector<at::Tensor> outputs;
  const Network network = build(draw, true);
  const Leaves leaves = make_leaves(draw, true);
  put(leaves, network.traced, *network.borrowed.model);
  const Tap tap = [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
    const std::uint32_t origin = network.traced.origin[node];
    if (bank_.blueprint->nodes[origin].op != nullptr || !output.requires_grad()) return;
    origins.push_back(origin);
    outputs.push_back(output);
  };
  const at::Tensor output = network.borrowed.model->forward(
      batch.inputs, {.training = true, .batch_statistics = true, .chance = &chance, .tap = tap})[0];
  if (statistics_ == Statistics::kShared) bank_.keep_statistics(network.borrowed);
  const at::Tensor loss = head.loss(output, batch.labels);
  MixedLoss result{loss.item<double>(), {}};
  if (!std::isfinite(result.value)) return result;
  std::vector<at::Tensor> asked = leaves.list();
  const std::size_t first = asked.size();
  asked.insert(asked.end(), outputs.begin(), outputs.end());
  const std::vector<at::Tensor> all = gradients_of(loss, asked);
  result.gradient.betas = in_shape(draw, all).betas;
  for (const ChoiceGroup& group : groups_.choices) {
    result.gradient.alphas.emplace_back(group.alternatives.size(), 0.0);
  }
  std::vector<at::Tensor> by_node(bank_.blueprint->nodes.size());
  for (std::size_t i = 0; i < origins.size(); ++i) by_node[origins[i]] = all[first + i];
  add_gates(batch, draw, chance, by_node, result.gradient);
  return result;
}

void MixedNetwork::add_gates(const TensorBatch& batch, const MixDraw& draw, Rng& chance,
                             const std::vector<at::Tensor>& by_node, ArchVectors& gradient) {
  const c10::NoGradGuard no_grad;
  MixDraw all;
  all.weights.betas = draw.weights.betas;
  for (std::size_t g = 0; g < draw.present.size(); ++g) {
    std::vector<std::uint16_t>& present = all.present.emplace_back();
    std::vector<double>& weights = all.weights.alphas.emplace_back();
    for (std::size_t i = 0; i < groups_.choices[g].alternatives.size(); ++i) {
      present.push_back(static_cast<std::uint16_t>(i));
      weights.push_back(i == draw.present[g][0] ? 1 : 0);
    }
  }
  if (!whole_) whole_ = build(all, true);
  const TracedGraph& traced = whole_->traced;
  // What an alternative of weight 0 gives reaches nothing: all choices see the active path.
  const Tap tap = [&](NodeId node, std::span<const at::Tensor> inputs, const at::Tensor&) {
    const std::uint32_t origin = traced.origin[node];
    const BlueprintNode& choice = bank_.blueprint->nodes[origin];
    if (choice.op != nullptr || !by_node[origin].defined()) return;
    const std::size_t group = groups_.of_selector[choice.selector];
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (groups_.choices[group].alternatives[i] == AlternativeKind::kNone) continue;
      gradient.alphas[group][i] += inputs[i].mul(by_node[origin]).sum().item<double>();
    }
  };
  pass(batch.inputs, all, false,
       {.training = true, .batch_statistics = true, .chance = &chance, .tap = tap});
}

}  // namespace nas
