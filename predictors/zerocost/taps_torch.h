#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <vector>

#include "core/api/batch.h"
#include "core/runtime/model_torch.h"
#include "predictors/zerocost/evidence.h"
#include "predictors/zerocost/passes_torch.h"

namespace nas {

/// The weight tensor of a layer.
const at::Tensor& weight_of(const ModelImpl& model, const WeightLayer& layer);

/// Values of `gradient` in the memory order of `like`; empty when undefined.
std::vector<float> values_like(const at::Tensor& gradient, const at::Tensor& like);

/// Float values in memory order, contiguous or channels last (the batch is always the outermost).
struct FlatTensor {
  explicit FlatTensor(const at::Tensor& tensor);
  at::Tensor owner;
  bool channels_last = false;
  std::span<const float> values() const;
};

at::Tensor batch_tensor(const Measurement& measurement, const ModelImpl& model, const Batch& batch);
at::Tensor label_tensor(const Batch& batch);
/// Gaussian images of the network's input size; `stream` tells independent draws apart.
at::Tensor noise_tensor(const Measurement& measurement, const ModelImpl& model, std::int64_t images,
                        std::uint64_t stream);

/// Collects the signs of what each ReLU reads. `live` by node.
Tap pattern_tap(const ArchGraph& graph, const std::vector<bool>& live,
                std::vector<SignPattern>& patterns);

/// Backward pass from `output` with `cotangent` to `inputs`; undefined where nothing arrives.
struct GradientOptions {
  bool keep = false;    ///< the forward graph is needed again
  bool create = false;  ///< the result is differentiated again
};
std::vector<at::Tensor> gradients(const at::Tensor& output, const at::Tensor& cotangent,
                                  const std::vector<at::Tensor>& inputs,
                                  const GradientOptions& options);

/// Weights of all layers, in their order.
std::vector<at::Tensor> weights_of(const ModelImpl& model, const Evidence& evidence);

}  // namespace nas
