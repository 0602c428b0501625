#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/util/rng.h"

namespace nas {

struct ModelImpl;  // core/runtime/model_torch.h

/// An ArchGraph with weights, on LibTorch, which the first model of a process loads
/// (core/runtime/torch_module.h). Movable; not thread-safe (one model a thread).
class Model {
 public:
  /// Initial weights are drawn by parameter path from (key.seed, ..., kInit): independent of node
  /// order. Throws Error(kUnsupported) when an operation has no LibTorch builder.
  Model(const ArchGraph& graph, const RngKey& key);
  /// With tensors that exist already (core/runtime/supernet).
  Model(const ArchGraph& graph, std::shared_ptr<ModelImpl> impl)
      : graph_(graph), impl_(std::move(impl)) {}
  Model(Model&&) noexcept = default;
  Model& operator=(Model&&) noexcept = default;

  const ArchGraph& graph() const { return graph_; }
  std::int64_t parameter_count() const;  ///< trainable

  /// Evaluation mode, no gradient. images: [N, C, H, W] row-major; returns logits [N, classes].
  std::vector<float> predict(std::span<const float> images, std::int64_t batch);

  ModelImpl& impl() { return *impl_; }
  const ModelImpl& impl() const { return *impl_; }

 private:
  ArchGraph graph_;
  std::shared_ptr<ModelImpl> impl_;  // shared only because it then knows how to destroy itself
};

/// Intra-op threads of LibTorch for what the calling thread runs; inter-op is always 1. Loads
/// nothing: where LibTorch is not loaded yet, the number holds from its first use on.
void set_intra_op_threads(int threads);

}  // namespace nas
