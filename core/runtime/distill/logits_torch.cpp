#include <ATen/ops/log_softmax.h>

#include "core/runtime/distill/method_torch.h"

namespace nas {
namespace {

class SoftLabels final : public DistillMethod {
 public:
  static DistillWeights defaults() { return {.gamma = 0.1, .alpha = 0.9}; }
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    return soft_label_loss(batch.student.logits, batch.teacher.logits, weights().temperature);
  }
};

constexpr Plugin<DistillMethod> kKd = distill_record<SoftLabels>(
    "kd", "soft labels: divergence of the two networks' softened class probabilities",
    "Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015, arXiv "
    "1503.02531");
constexpr const Plugin<DistillMethod>* kMethods[] = {&kKd};

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

std::span<const Plugin<DistillMethod>* const> logit_methods() {
  return kMethods;
}

}  // namespace nas
