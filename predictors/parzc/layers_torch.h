#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// Trainable tensors by name, in the order of creation. Initial values depend on seed and name
/// only.
class ParameterSet {
 public:
  explicit ParameterSet(std::uint64_t seed)
      : rng_({.seed = seed, .trial = 0, .purpose = Purpose::kPredictor}) {}

  at::Tensor uniform(const std::string& name, std::vector<std::int64_t> shape, double bound);
  at::Tensor normal(const std::string& name, std::vector<std::int64_t> shape);
  at::Tensor constant(const std::string& name, std::vector<std::int64_t> shape, double value);
  const std::vector<std::pair<std::string, at::Tensor>>& items() const { return items_; }

 private:
  at::Tensor add(const std::string& name, at::Tensor tensor);
  Rng rng_;
  std::vector<std::pair<std::string, at::Tensor>> items_;
};

/// The randomness of one forward pass.
class Chance {
 public:
  /// `noise`: Bayesian layers draw their weights, else they use the means. `training`: dropout
  /// drops.
  Chance(const Rng& rng, bool noise, bool training)
      : rng_(rng), noise_(noise), training_(training) {}
  bool noise() const { return noise_; }
  at::Tensor normal(at::IntArrayRef sizes);
  at::Tensor dropout(const at::Tensor& x, double probability);

 private:
  at::Tensor uniform(std::int64_t count);
  Rng rng_;
  bool noise_;
  bool training_;
};

/// [..., in] -> [..., out], initialised as LibTorch does.
class DenseLayer {
 public:
  DenseLayer() = default;
  DenseLayer(ParameterSet& set, const std::string& name, std::int64_t in, std::int64_t out,
             bool bias = true);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};

/// A linear layer without bias whose weights are drawn in every pass, W = mu + ln(1 + e^rho) eps,
/// one draw for the whole batch. There is no prior: the noise is trained by the task's loss (ParZC,
/// released code; mu ~ U(+-1/sqrt(in)), rho = -5).
class BayesianLayer {
 public:
  BayesianLayer() = default;
  BayesianLayer(ParameterSet& set, const std::string& name, std::int64_t in, std::int64_t out);
  at::Tensor operator()(const at::Tensor& x, Chance& chance) const;

 private:
  at::Tensor mean_;
  at::Tensor rho_;
};

class NormLayer {
 public:
  NormLayer() = default;
  NormLayer(ParameterSet& set, const std::string& name, std::int64_t width, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double epsilon_ = 1e-5;
};

}  // namespace nas
