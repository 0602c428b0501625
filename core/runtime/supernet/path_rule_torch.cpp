#include "core/runtime/supernet/path_rule_torch.h"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace nas {
namespace {

class PathRule final : public StepRule {
 public:
  PathRule(WeightBankImpl& bank, const LossHead& head, const PathTraining& training,
           std::uint64_t seed)
      : bank_(bank),
        head_(head),
        training_(training),
        draw_(training),
        random_({.seed = seed, .purpose = Purpose::kPaths}) {
    if (training.teacher_weight > 0 && training.teacher != nullptr) {
      teacher_ = &training.teacher->impl();
    } else if (training.teacher_weight > 0) {
      const Architecture largest = largest_subnet(training);
      own_teacher_ = bank.extract(resolve_traced(*bank.blueprint, largest.choices));
      teacher_ = own_teacher_.get();
    }
  }

  StepOutcome accumulate(const TensorBatch& batch, const StepContext& context) override {
    Rng rng = random_.stream(static_cast<std::uint64_t>(context.step));
    const at::Tensor targets = teacher_targets(batch, context);
    StepOutcome first;
    bool is_first = true;
    for (const Architecture& path : draw_.draw(rng)) {
      const BorrowedModel subnet =
          bank_.borrow(resolve_traced(*bank_.blueprint, path.choices), Statistics::kShared);
      const std::vector<at::Tensor> outputs = subnet.model->forward(
          batch.inputs, {.training = true, .batch_statistics = true, .chance = &context.chance});
      at::Tensor loss = head_.loss(outputs[0], batch.labels);
      if (targets.defined()) {
        const at::Tensor scores = head_.class_scores(outputs[0]);
        const at::Tensor soft = targets.mul(at::log_softmax(scores, 1)).sum(1).mean().neg();
        loss = loss.add(soft, training_.teacher_weight);
      }
      const double value = backward(loss);
      bank_.keep_statistics(subnet);
      if (!std::isfinite(value)) return {value, {}};
      if (is_first) first = {value, head_.class_scores(outputs[0])};
      is_first = false;
    }
    return first;
  }

  void visit_state(bool, const StateVisitor& visitor) override {
    if (own_teacher_ == nullptr) return;
    own_teacher_->visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec&) {
      visitor("teacher." + name, tensor);
    });
  }

 private:
  /// Class probabilities by the statistics of the batch, as the published code trains.
  at::Tensor teacher_targets(const TensorBatch& batch, const StepContext& context) const {
    if (teacher_ == nullptr) return {};
    const c10::NoGradGuard no_grad;
    const auto outputs = teacher_->forward(
        batch.inputs, {.training = true, .batch_statistics = true, .chance = &context.chance});
    return at::softmax(head_.class_scores(outputs[0]), 1);
  }

  WeightBankImpl& bank_;
  const LossHead& head_;
  const PathTraining& training_;
  const PathDraw draw_;
  const Rng random_;
  std::shared_ptr<ModelImpl> own_teacher_;
  const ModelImpl* teacher_ = nullptr;
};

}  // namespace

std::unique_ptr<StepRule> path_rule(WeightBankImpl& bank, const LossHead& head,
                                    const PathTraining& training, std::uint64_t seed) {
  return std::make_unique<PathRule>(bank, head, training, seed);
}

}  // namespace nas
