#pragma once

#include <vector>

#include "core/runtime/model_torch.h"

namespace nas {

/// By node: a batch normalisation of vectors, one number a channel in each sample.
std::vector<bool> vector_normalisations(const ArchGraph& graph);

/// Gives batch normalisations of vectors the statistics of `samples`, as constants, while it lives.
/// With its own statistics one sample alone would become zero there, and the sum over a batch would
/// depend on nothing, so that neither had a gradient.
class VectorStatistics {
 public:
  VectorStatistics(ModelImpl& model, const at::Tensor& samples);
  ~VectorStatistics();
  VectorStatistics(const VectorStatistics&) = delete;
  VectorStatistics& operator=(const VectorStatistics&) = delete;

 private:
  ModelImpl& model_;
  std::vector<OpKernel> kernels_;
};

}  // namespace nas
