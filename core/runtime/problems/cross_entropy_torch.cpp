#include <ATen/ops/cross_entropy_loss.h>

#include "core/runtime/problems/loss_head_torch.h"

namespace nas {
namespace {

constexpr std::int64_t kMeanReduction = 1;  // at::Reduction::Mean
constexpr std::int64_t kIgnoreNothing = -100;

/// Of class scores, with label smoothing.
class CrossEntropy final : public LossHead {
 public:
  explicit CrossEntropy(const LossSetup& setup) : smoothing_(setup.recipe.label_smoothing) {}

  at::Tensor loss(const at::Tensor& outputs, const at::Tensor& labels) const override {
    return at::cross_entropy_loss(outputs, labels, {}, kMeanReduction, kIgnoreNothing, smoothing_);
  }
  at::Tensor class_scores(const at::Tensor& outputs) const override { return outputs; }

 private:
  double smoothing_;
};

}  // namespace

extern constinit const LossHeadKind cross_entropy_head{
    "cross_entropy", [](const LossSetup& setup) -> std::unique_ptr<LossHead> {
      return std::make_unique<CrossEntropy>(setup);
    }};

}  // namespace nas
