#include <ATen/ops/mm.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/softmax.h>

#include "core/runtime/distill/terms_torch.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// Gradient of the mean cross-entropy by the classifier's weights, in closed form so that it can be
/// differentiated once more at no cost: [K, F].
at::Tensor class_gradients(const DistillFeatures& features, const at::Tensor& labels) {
  const at::Tensor wrong = at::softmax(features.logits, 1) -
                           at::one_hot(labels, features.logits.size(1)).to(features.logits.dtype());
  return at::mm(wrong.t(), features.pooled).div(static_cast<double>(labels.size(0)));
}

/// The two similarities that DisWOT searches by, with opposite sign.
class Diswot final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;

  std::vector<AdapterSpec> adapters(const FeatureShapes& student,
                                    const FeatureShapes& teacher) const override {
    if (student.pooled != teacher.pooled || student.classes != teacher.classes) {
      throw Error(ErrorKind::kUsage,
                  "distilling loss 'diswot' needs classifiers of equal size; the student's reads " +
                      std::to_string(student.pooled) + " features, the teacher's " +
                      std::to_string(teacher.pooled));
    }
    return {};
  }

  at::Tensor loss(const DistillBatch& batch) const override {
    const at::Tensor relation =
        (sample_relations(batch.student.maps.back()) - sample_relations(batch.teacher.maps.back()))
            .square()
            .mean();
    const at::Tensor s = class_gradients(batch.student, batch.labels);
    const at::Tensor t = class_gradients(batch.teacher, batch.labels);
    // Row i of a class's normalised channel matrix is sign(g_i) g / |g|.
    const at::Tensor semantic = (channel_rows(t) - channel_rows(s))
                                    .square()
                                    .sum({1, 2})
                                    .mean()
                                    .div(static_cast<double>(s.size(1)));
    return relation + semantic;
  }

 private:
  /// [K, F] -> [K, F, F]
  static at::Tensor channel_rows(const at::Tensor& gradients) {
    return gradients.sign().unsqueeze(2) * unit_rows(gradients, 1).unsqueeze(1);
  }
};

constexpr DistillBuilder kLosses[] = {
    {"diswot", make_distill_method<Diswot>},
};

}  // namespace

std::span<const DistillBuilder> diswot_losses() {
  return kLosses;
}

}  // namespace nas
