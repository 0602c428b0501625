#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "predictors/dense_net.h"

namespace nas {

/// y = W x + b.
struct AffineLayer {
  std::size_t in = 0, out = 0;
  std::vector<float> weights;  ///< [out, in], row-major
  std::vector<float> biases;   ///< [out]
};

/// Layer `index` of a fitted network, as published files and ReluLayers have it.
AffineLayer affine_layer(const DenseNet& net, std::size_t index);

/// Affine layers with ReLUs between them, for predicting many samples: all of a space. Single
/// precision on one thread, 16 samples side by side in the registers; with AVX2 where the processor
/// has it, so that the last bits depend on the processor. Immutable: safe from several threads.
class ReluLayers {
 public:
  ReluLayers() = default;
  /// Requires that each layer reads what the one before gives.
  explicit ReluLayers(std::vector<AffineLayer> layers);

  std::size_t inputs() const { return layers_.empty() ? 0 : layers_.front().in; }
  std::size_t outputs() const { return layers_.empty() ? 0 : layers_.back().out; }
  /// [samples, outputs] from [samples, inputs], row-major.
  std::vector<float> operator()(std::span<const float> inputs) const;

 private:
  std::vector<AffineLayer> layers_;
};

}  // namespace nas
