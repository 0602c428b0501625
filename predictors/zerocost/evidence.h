#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "predictors/zerocost/engine.h"

namespace nas {

/// Signs of what one ReLU read: bit `unit` of image b is set where the value is positive. Each
/// image has its own words, the last one padded with zeros.
struct SignPattern {
  NodeId node = 0;
  bool live = true;  ///< an output needs it
  std::size_t units = 0;
  std::size_t words = 0;            ///< by image
  std::vector<std::uint64_t> bits;  ///< [images, words]
};

/// What was measured on one layer of `weight_layers`. Vectors by weight share one order (that of
/// the runtime's memory); an empty gradient is zero: nothing reaches the layer.
struct LayerEvidence {
  WeightLayer layer;
  std::vector<float> weights;
  std::vector<std::vector<float>> gradients;  ///< by batch
  std::vector<double> saliency;         ///< by channel: 1/2 mean over images of (sum a dL/da)^2
  std::vector<float> hessian_gradient;  ///< of normalised layers only with kNeedsFullHessian
  double flow = 0;                      ///< sum of |weight x gradient|
  std::vector<double> flow_weights;     ///< |weights|, order of flow_gradients
  std::vector<double> flow_gradients;
  double normalised_flow = 0;       ///< with batch normalisation
  std::vector<float> sample_signs;  ///< sum over images of sign(dL_b/dw)
};

/// Feature map of one image at one node: [channels, positions].
struct FeatureMap {
  NodeId node = 0;
  std::int64_t channels = 0;
  std::int64_t positions = 0;
  std::vector<float> values;
};

/// A block of the network as AZ-NAS sees it: the channel covariance of its output, and how
/// gradients pass through it.
struct BlockEvidence {
  std::string name;
  std::int64_t channels = 0;
  std::vector<double> covariance;  ///< [channels, channels]
  /// Mean over positions of g_in^T g_out, [in, out]; empty for the first block.
  std::int64_t in_channels = 0;
  std::vector<double> jacobian;
  bool identity = false;  ///< g_in equals g_out
};

/// Everything that was measured on one network, as far as the needs of the proxies ask for it.
struct Evidence {
  const ArchGraph* graph = nullptr;
  std::int64_t batch = 0;
  std::int64_t classes = 0;
  /// Batches that proxies of one batch average over; ZiCo may have asked for more gradients.
  std::int64_t averaged_batches = 1;
  std::vector<LayerEvidence> layers;
  std::vector<std::vector<std::int64_t>> labels;   ///< by batch
  std::vector<std::vector<float>> jacobians;       ///< by batch: [batch, inputs]
  std::vector<std::vector<SignPattern>> patterns;  ///< by batch
  std::vector<SignPattern> noise_patterns;
  std::vector<SignPattern> gaussian_patterns;
  std::int64_t gaussian_images = 0;
  double zen_response = 0;  ///< mean over images of sum |F(x) - F(x + 0.01 x')|
  std::vector<std::array<double, 2>>
      zen_variances;                   ///< by BN: mean over channels of the running
                                       ///< variance after two passes, and of the exact one
  std::vector<double> tangent_kernel;  ///< [images, images]
  std::int64_t kernel_images = 0;
  std::vector<FeatureMap> feature_maps;
  std::vector<BlockEvidence> blocks;
  std::vector<double> fisher_matrix;  ///< [tensors, tensors]
  std::int64_t fisher_tensors = 0;
  std::int64_t parameter_tensors = 0;
};

}  // namespace nas
