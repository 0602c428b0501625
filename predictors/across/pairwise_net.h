#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

struct PairwiseTraining {
  int epochs = 15;
  std::size_t batch = 256;
  double learning_rate = 0.001;  ///< of Adam
  double margin = 0.1;
};

/// A perceptron inputs-128-64-1 with ReLUs that learns an order: of every two samples of a batch
/// and of one group, the better one shall score `margin` higher (hinge loss). In single precision
/// on one thread. Scores have no unit.
class PairwiseNet {
 public:
  static constexpr std::size_t kHidden[] = {128, 64};

  PairwiseNet() = default;
  PairwiseNet(std::size_t inputs, Rng rng);

  /// `rows`: row-major; `groups`: by sample, only samples of one group are compared. `each_epoch`
  /// is called before each epoch and may throw.
  void train(std::span<const float> rows, std::span<const double> labels,
             std::span<const std::uint32_t> groups, const PairwiseTraining& training, Rng rng,
             const std::function<void()>& each_epoch);
  std::vector<double> predict(std::span<const float> rows) const;

  /// Mean of max(0, margin - (s_i - s_j)) over the pairs of a batch where i is better than j; its
  /// gradient by parameter. 0 without a pair.
  double loss(std::span<const float> rows, std::span<const double> labels,
              std::span<const std::uint32_t> groups, double margin,
              std::vector<float>& gradient) const;

  /// Layer by layer: weights [in, out], then biases.
  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }

 private:
  struct Layer {
    std::size_t in, out, weights, biases;
  };
  std::vector<Layer> layers_;
  std::vector<float> parameters_;
};

}  // namespace nas
