#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

struct DenseNetShape {
  std::size_t inputs = 1;
  std::size_t layers = 10;  ///< hidden
  std::size_t width = 20;
};

struct DenseTraining {
  int epochs = 150;
  std::size_t batch = 32;
  double learning_rate = 0.01;
  double beta1 = 0.9, beta2 = 0.99;  ///< of Adam
};

enum class DenseLoss : std::uint8_t { kAbsolute, kSquared };

/// Samples of one step; `inputs` is row-major.
struct DenseBatch {
  std::span<const float> inputs;
  std::span<const float> targets;
  std::span<const float> weights;  ///< of the samples in the mean loss
};

/// A multi-layer perceptron with ReLUs and one output, in single precision on one thread: small
/// enough that a tensor library would only add overhead. Weights start Glorot-uniform, biases at 0.
class DenseNet {
 public:
  DenseNet(const DenseNetShape& shape, Rng rng);

  /// Minimises the mean of weight * |prediction - target| by Adam. `inputs` is row-major. `stopped`
  /// is asked once an epoch. Returns the mean loss of the last epoch.
  double train(std::span<const float> inputs, std::span<const float> targets,
               std::span<const float> weights, const DenseTraining& training, Rng rng,
               const std::function<void()>& each_epoch);
  std::vector<float> predict(std::span<const float> inputs) const;

  /// Mean loss of one batch and its gradient by parameter; by input too where asked for, row-major.
  double loss(const DenseBatch& batch, DenseLoss kind, std::vector<float>& gradient,
              std::vector<float>* input_gradient = nullptr) const;

  /// Where a layer's tensors stand in `parameters()`: weights [in, out], then biases.
  struct Layer {
    std::size_t in, out, weights, biases;
  };
  const std::vector<Layer>& layers() const { return layers_; }
  /// All weights and biases, layer by layer.
  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }

 private:
  DenseNetShape shape_;
  std::vector<Layer> layers_;
  std::vector<float> parameters_;
};

}  // namespace nas
