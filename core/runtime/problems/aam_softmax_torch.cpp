#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/where.h>

#include <cmath>
#include <numbers>

#include "core/runtime/problems/loss_head_torch.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas {
namespace {

double option(const LossSetup& setup, const std::string& name) {
  const auto found = setup.options.find(name);
  const auto value = found == setup.options.end() ? std::nullopt : parse_double(found->second);
  NAS_CHECK(value.has_value(), "a problem with this loss has a field '" + name + "'");
  return *value;
}

/// N(0, 2 / (outputs + classes)): Xavier.
at::Tensor class_weights(const LossSetup& setup) {
  at::Tensor weight = at::empty({setup.classes, setup.outputs}, at::TensorOptions(at::kFloat));
  const double deviation = std::sqrt(2.0 / static_cast<double>(setup.classes + setup.outputs));
  Rng rng = Rng({.seed = static_cast<std::uint64_t>(setup.recipe.seed), .purpose = Purpose::kInit})
                .stream(stable_hash("head.weight"));
  auto* values = weight.data_ptr<float>();
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>(deviation * rng.normal());
  }
  return weight.to(setup.device).set_requires_grad(true);
}

at::Tensor unit_rows(const at::Tensor& x) {
  constexpr double kSmallest = 1e-12;
  return x / x.norm(2, 1, true).clamp_min(kSmallest);
}

/// Additive angular margin softmax: the angle to the own class counts as larger by the margin m.
/// Deng et al., ArcFace, CVPR 2019; where cos(theta + m) would rise again, cos(theta) - m sin(pi -
/// m), as in the released code of EfficientTDNN (its loss/aamsoftmax.py).
class AamSoftmax final : public LossHead {
 public:
  explicit AamSoftmax(const LossSetup& setup)
      : margin_(option(setup, "margin")), scale_(option(setup, "scale")) {
    tensors_.emplace_back("weight", class_weights(setup));
  }

  at::Tensor loss(const at::Tensor& outputs, const at::Tensor& labels) const override {
    const at::Tensor cosine = class_scores(outputs);  // [N, classes]
    const at::Tensor sine = (cosine.square().neg() + 1).clamp(0, 1).sqrt();
    const at::Tensor moved = cosine * std::cos(margin_) - sine * std::sin(margin_);
    const double turn = std::numbers::pi - margin_;
    const at::Tensor falling =
        at::where(cosine > std::cos(turn), moved, cosine - margin_ * std::sin(turn));
    const at::Tensor own = at::one_hot(labels, cosine.size(1)).to(cosine.scalar_type());
    return at::cross_entropy_loss((own * falling + (own.neg() + 1) * cosine) * scale_, labels);
  }

  at::Tensor class_scores(const at::Tensor& outputs) const override {
    return at::linear(unit_rows(outputs), unit_rows(tensors_.front().second));
  }

 private:
  double margin_;
  double scale_;
};

}  // namespace

extern constinit const LossHeadKind aam_softmax_head{
    "aam_softmax", [](const LossSetup& setup) -> std::unique_ptr<LossHead> {
      return std::make_unique<AamSoftmax>(setup);
    }};

}  // namespace nas
