#pragma once

#include "core/data/batch_loader.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/trainer.h"

namespace nas {

/// Sums over batches of logits; `mean` gives percentages and the mean loss.
struct AccuracySums {
  std::int64_t images = 0;
  double top1 = 0;
  double top5 = 0;
  double loss = 0;
  Accuracy mean() const;
};

/// logits [N, classes] against labels [N]; `loss` is summed by the caller.
void count_hits(AccuracySums& sums, const at::Tensor& logits, const at::Tensor& labels);

at::Tensor label_tensor(const Batch& batch, at::Device device);
at::Tensor batch_tensor(const Batch& batch, const Shape& shape, at::Device device);

/// Throws Error(kUsage) when the network's input or classes do not fit the data set.
void check_fits(const ModelImpl& model, const ImageDataset& dataset);

}  // namespace nas
