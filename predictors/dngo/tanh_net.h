#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

struct TanhTraining {
  std::int64_t epochs = 100;
  std::size_t batch = 10;  ///< samples that fill none are left out of an epoch
  double learning_rate = 0.01;
};

/// A network of one hidden layer of tanh units and a linear output, in single precision. Weights
/// start uniform within 1 / sqrt(inputs), as LibTorch starts them.
class TanhNet {
 public:
  TanhNet() = default;
  TanhNet(std::size_t inputs, std::size_t width, Rng rng);

  std::size_t inputs() const { return inputs_; }
  std::size_t width() const { return width_; }
  std::span<float> parameters() { return parameters_; }
  std::span<const float> parameters() const { return parameters_; }

  /// Half the mean squared error of a batch, and its gradient by parameter. `rows`: row-major.
  double loss(std::span<const float> rows, std::span<const float> targets,
              std::vector<float>& gradient) const;
  /// Minimises it by Adam; `each_epoch` is called once an epoch.
  void train(std::span<const float> rows, std::span<const float> targets,
             const TanhTraining& training, Rng rng, const std::function<void()>& each_epoch);
  /// The hidden units of each row, row-major.
  std::vector<float> features(std::span<const float> rows) const;

 private:
  std::size_t inputs_ = 0, width_ = 0;
  /// [inputs, width] and biases of the hidden layer, weights and bias of the output.
  std::vector<float> parameters_;
};

}  // namespace nas
