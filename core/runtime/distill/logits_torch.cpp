#include <ATen/ops/log_softmax.h>

#include "core/runtime/distill/method_torch.h"

namespace nas {
namespace {

class SoftLabels final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    return soft_label_loss(batch.student.logits, batch.teacher.logits, weights().temperature);
  }
};

constexpr DistillBuilder kLosses[] = {
    {"kd", make_distill_method<SoftLabels>},
};

}  // namespace

at::Tensor soft_label_loss(const at::Tensor& student, const at::Tensor& teacher,
                           double temperature) {
  const at::Tensor log_s = at::log_softmax(student / temperature, 1);
  const at::Tensor log_t = at::log_softmax(teacher / temperature, 1);
  const auto batch = static_cast<double>(student.size(0));
  return (log_t.exp() * (log_t - log_s)).sum().mul(temperature * temperature / batch);
}

std::vector<AdapterSpec> DistillMethod::adapters(const FeatureShapes&, const FeatureShapes&) const {
  return {};
}

std::span<const DistillBuilder> logit_losses() {
  return kLosses;
}

}  // namespace nas
