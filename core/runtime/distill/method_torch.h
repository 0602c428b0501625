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

// One family a file.
std::span<const Plugin<DistillMethod>* const> logit_methods();     // logits_torch.cpp
std::span<const Plugin<DistillMethod>* const> map_methods();       // maps_torch.cpp
std::span<const Plugin<DistillMethod>* const> relation_methods();  // relations_torch.cpp
std::span<const Plugin<DistillMethod>* const> diswot_methods();    // diswot_torch.cpp

/// The options of a method are its weights, with the defaults of Method::defaults().
template <class Method>
struct DistillOptions : DistillWeights {
  DistillOptions() : DistillWeights(Method::defaults()) {}
};

template <class Method>
std::span<const Field<DistillOptions<Method>>> distill_fields() {
  using Options = DistillOptions<Method>;
  static constexpr Field<Options> kFields[] = {
      {"gamma", &DistillWeights::gamma, "weight of the cross-entropy with the labels", "", 0, 1e6},
      {"alpha", &DistillWeights::alpha, "weight of the soft labels", "", 0, 1e6},
      {"beta", &DistillWeights::beta, "weight of the method's own term", "", 0, 1e6,
       "settings of RepDistiller (Tian et al., ICLR 2020)"},
      {"temperature", &DistillWeights::temperature, "of the soft labels", "", 1e-3, 1e3,
       "settings of RepDistiller (Tian et al., ICLR 2020)"},
  };
  return kFields;
}

template <class Method>
constexpr Plugin<DistillMethod> distill_record(std::string_view name, std::string_view summary,
                                               std::string_view paper) {
  using Options = DistillOptions<Method>;
  return {name,
          summary,
          paper,
          [] { return describe_fields(distill_fields<Method>()); },
          [](const OptionMap& options) {
            return fields_to_map(
                distill_fields<Method>(),
                parse_fields(distill_fields<Method>(), options, "this distilling loss"));
          },
          [](const OptionMap& options) -> std::unique_ptr<DistillMethod> {
            const Options parsed =
                parse_fields(distill_fields<Method>(), options, "this distilling loss");
            return std::make_unique<Method>(parsed);
          }};
}

}  // namespace nas
