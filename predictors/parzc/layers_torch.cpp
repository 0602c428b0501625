#include "predictors/parzc/layers_torch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/softplus.h>

#include <cmath>
#include <numbers>

namespace nas {
namespace {

constexpr double kInitialRho = -5;

at::Tensor float_tensor(at::IntArrayRef sizes) {
  return at::empty(sizes, at::TensorOptions(at::kFloat));
}

}  // namespace

at::Tensor ParameterSet::add(const std::string& name, at::Tensor tensor) {
  tensor.set_requires_grad(true);
  items_.emplace_back(name, tensor);
  return tensor;
}

at::Tensor ParameterSet::uniform(const std::string& name, std::vector<std::int64_t> shape,
                                 double bound) {
  at::Tensor tensor = float_tensor(shape);
  Rng rng = rng_.stream(stable_hash(name));
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(rng.uniform(-bound, bound));
  }
  return add(name, tensor);
}

at::Tensor ParameterSet::normal(const std::string& name, std::vector<std::int64_t> shape) {
  at::Tensor tensor = float_tensor(shape);
  Rng rng = rng_.stream(stable_hash(name));
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(rng.normal());
  return add(name, tensor);
}

at::Tensor ParameterSet::constant(const std::string& name, std::vector<std::int64_t> shape,
                                  double value) {
  return add(name, at::full(shape, value, at::TensorOptions(at::kFloat)));
}

/// In (0, 1): 24 bits and a half.
at::Tensor Chance::uniform(std::int64_t count) {
  at::Tensor tensor = float_tensor({count});
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    values[i] = (static_cast<float>(rng_() >> 8) + 0.5F) * 0x1p-24F;
  }
  return tensor;
}

at::Tensor Chance::normal(at::IntArrayRef sizes) {
  at::Tensor result = float_tensor(sizes);
  const std::int64_t pairs = (result.numel() + 1) / 2;
  // Box-Muller on whole tensors: logarithm and cosine are vectorised.
  const at::Tensor radius = uniform(pairs).log_().mul_(-2).sqrt_();
  const at::Tensor angle = uniform(pairs).mul_(2 * std::numbers::pi);
  const at::Tensor flat = result.view({-1});
  flat.narrow(0, 0, pairs).copy_(radius * angle.cos());
  const std::int64_t rest = flat.size(0) - pairs;
  flat.narrow(0, pairs, rest).copy_((radius * angle.sin()).narrow(0, 0, rest));
  return result;
}

at::Tensor Chance::dropout(const at::Tensor& x, double probability) {
  if (!training_ || probability <= 0) return x;
  at::Tensor mask = float_tensor(x.sizes());
  auto* values = mask.data_ptr<float>();
  const std::int64_t count = mask.numel();
  const auto scale = static_cast<float>(1 / (1 - probability));
  // Sixteen bits decide: masks are most of the random numbers of a pass.
  const auto limit = static_cast<std::uint32_t>(probability * 65536);
  for (std::int64_t i = 0; i < count; i += 2) {
    const std::uint32_t word = rng_();
    values[i] = (word & 0xFFFFU) < limit ? 0 : scale;
    if (i + 1 < count) values[i + 1] = (word >> 16) < limit ? 0 : scale;
  }
  return x * mask;
}

DenseLayer::DenseLayer(ParameterSet& set, const std::string& name, std::int64_t in,
                       std::int64_t out, bool bias) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ = set.uniform(name + ".weight", {out, in}, bound);
  if (bias) bias_ = set.uniform(name + ".bias", {out}, bound);
}

at::Tensor DenseLayer::operator()(const at::Tensor& x) const {
  return at::linear(x, weight_, bias_);
}

BayesianLayer::BayesianLayer(ParameterSet& set, const std::string& name, std::int64_t in,
                             std::int64_t out)
    : mean_(set.uniform(name + ".mean", {out, in}, 1 / std::sqrt(static_cast<double>(in)))),
      rho_(set.constant(name + ".rho", {out, in}, kInitialRho)) {}

at::Tensor BayesianLayer::operator()(const at::Tensor& x, Chance& chance) const {
  if (!chance.noise()) return at::linear(x, mean_);
  return at::linear(x, mean_ + at::softplus(rho_) * chance.normal(mean_.sizes()));
}

NormLayer::NormLayer(ParameterSet& set, const std::string& name, std::int64_t width, double epsilon)
    : weight_(set.constant(name + ".weight", {width}, 1)),
      bias_(set.constant(name + ".bias", {width}, 0)),
      epsilon_(epsilon) {}

at::Tensor NormLayer::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, {x.size(-1)}, weight_, bias_, epsilon_);
}

}  // namespace nas
