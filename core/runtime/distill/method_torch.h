#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/ir/tensor_type.h"
#include "core/runtime/distill.h"

namespace nas {

/// What a loss compares; the maps of student and teacher come in pairs, coarsest last.
struct DistillFeatures {
  std::vector<at::Tensor> maps;  ///< [N, C, H, W]
  at::Tensor pooled;             ///< [N, F]
  at::Tensor logits;             ///< [N, K]
};

/// Sizes of the same for one sample.
struct FeatureShapes {
  std::vector<Shape> maps;
  std::int64_t pooled = 0;
  std::int64_t classes = 0;
};

/// A tensor that is trained along with the student and thrown away afterwards.
struct AdapterSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  double bound = 0;     ///< initial values in U(-bound, bound), ...
  double constant = 0;  ///< ... or this where the bound is 0
};

struct DistillBatch {
  const DistillFeatures& student;
  const DistillFeatures& teacher;
  const at::Tensor& labels;
  std::span<const at::Tensor> adapters{};  ///< in the order of DistillMethod::adapters
};

/// A distilling loss. Immutable, safe from several threads; what it learns is kept by the trainer.
class DistillMethod {
 public:
  explicit DistillMethod(const DistillWeights& weights) : weights_(weights) {}
  virtual ~DistillMethod() = default;
  const DistillWeights& weights() const { return weights_; }

  /// Throws Error(kUsage) when the two networks do not fit this loss.
  virtual std::vector<AdapterSpec> adapters(const FeatureShapes& student,
                                            const FeatureShapes& teacher) const;
  /// The term that beta weighs. Not called when beta is 0.
  virtual at::Tensor loss(const DistillBatch& batch) const = 0;

 private:
  DistillWeights weights_;
};

/// T^2 KL(softmax(teacher / T) || softmax(student / T)), mean over the batch (Hinton et al., 2015).
at::Tensor soft_label_loss(const at::Tensor& student, const at::Tensor& teacher,
                           double temperature);

/// How a record of `distill_losses` is computed. One table a file, all listed in
/// distiller_torch.cpp.
struct DistillBuilder {
  std::string_view loss;
  std::unique_ptr<DistillMethod> (*make)(const DistillWeights& weights);
};
template <class Method>
std::unique_ptr<DistillMethod> make_distill_method(const DistillWeights& weights) {
  return std::make_unique<Method>(weights);
}

std::span<const DistillBuilder> logit_losses();
std::span<const DistillBuilder> map_losses();
std::span<const DistillBuilder> relation_losses();
std::span<const DistillBuilder> diswot_losses();

std::unique_ptr<DistillMethod> make_distill_method(const DistillChoice& choice);

}  // namespace nas
