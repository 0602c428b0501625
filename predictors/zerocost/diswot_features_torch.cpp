#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include "core/runtime/distill.h"
#include "predictors/zerocost/diswot_terms.h"
#include "predictors/zerocost/taps_torch.h"

namespace nas {
namespace {

std::vector<double> numbers(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.to(at::kCPU, at::kDouble).contiguous();
  const auto* values = plain.data_ptr<double>();
  return {values, values + plain.numel()};
}

}  // namespace

NetworkRelations on_torch::network_relations(const ArchGraph& graph, const Measurement& measurement,
                                             const std::string& init, const RngKey& key) {
  const FeatureNodes nodes = feature_nodes(graph);
  NetworkRelations relations;
  translate_torch_errors("comparing networks", [&] {
    const c10::NoGradGuard no_grad;
    const Model model = draw_model(graph, init, key);
    const Batch& batch = measurement.batches.front();
    at::Tensor map, pooled;
    const at::Tensor logits =
        model.impl()
            .forward(batch_tensor(measurement, model.impl(), batch),
                     {.batch_statistics = true,
                      .tap =
                          [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
                            if (node == nodes.maps.back()) map = output;
                            if (node == nodes.pooled) pooled = output;
                          }})
            .front();
    // Differences of the relations are of the order of 1e-2, their squares summed: double.
    const at::Tensor rows = map.flatten(1).to(at::kDouble);
    relations.gram = numbers(at::mm(rows, rows.t()));
    // The gradient of a linear classifier needs no backward pass.
    const at::Tensor wrong = at::softmax(logits.to(at::kDouble), 1) -
                             at::one_hot(label_tensor(batch), logits.size(1)).to(at::kDouble);
    const at::Tensor gradients =
        at::mm(wrong.t(), pooled.to(at::kDouble)).div(static_cast<double>(batch.size()));
    relations.gradients = numbers(gradients);
    relations.images = static_cast<std::size_t>(rows.size(0));
    relations.classes = static_cast<std::size_t>(gradients.size(0));
    relations.channels = static_cast<std::size_t>(gradients.size(1));
  });
  return relations;
}

}  // namespace nas
