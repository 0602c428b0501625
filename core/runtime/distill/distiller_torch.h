#pragma once

#include <memory>
#include <utility>

#include "core/runtime/distill/method_torch.h"
#include "core/runtime/model_torch.h"

namespace nas {

/// A teacher, a loss and what the loss learns, during one training.
class Distiller {
 public:
  /// Throws Error(kUsage) when teacher, student and loss do not fit each other.
  Distiller(const ModelImpl& student, const DistillSetup& setup, std::uint64_t seed);

  /// Collects the student's features in a forward pass.
  Tap collect(DistillFeatures& features) const;
  /// label_loss: the cross-entropy; features: of the student on `images`.
  at::Tensor loss(const DistillFeatures& features, const at::Tensor& images,
                  const at::Tensor& labels, const at::Tensor& label_loss) const;

  /// Trained along with the student, by name.
  std::vector<std::pair<std::string, at::Tensor>>& adapters() { return adapters_; }

 private:
  struct Network {
    const ModelImpl* model;
    FeatureNodes nodes;
  };
  static Tap collect_from(const Network& network, DistillFeatures& features);
  static FeatureShapes shapes_of(const Network& network);

  std::unique_ptr<DistillMethod> method_;
  Network student_;
  Network teacher_;
  std::vector<std::pair<std::string, at::Tensor>> adapters_;
  std::vector<at::Tensor> adapter_tensors_;
};

}  // namespace nas
