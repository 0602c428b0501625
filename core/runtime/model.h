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

/// An ArchGraph with weights, on LibTorch. Movable; not thread-safe (one model a thread).
class Model {
 public:
  /// Initial weights are drawn by parameter path from (key.seed, ..., kInit): independent of node
  /// order. Throws Error(kUnsupported) when an operation has no LibTorch builder.
  Model(const ArchGraph& graph, const RngKey& key);
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  const ArchGraph& graph() const;
  std::int64_t parameter_count() const;  ///< trainable

  /// Evaluation mode, no gradient. images: [N, C, H, W] row-major; returns logits [N, classes].
  std::vector<float> predict(std::span<const float> images, std::int64_t batch);

  ModelImpl& impl() { return *impl_; }
  const ModelImpl& impl() const { return *impl_; }

 private:
  std::unique_ptr<ModelImpl> impl_;
};

/// Intra-op threads of LibTorch for the calling process; inter-op is always 1.
void set_intra_op_threads(int threads);

}  // namespace nas
