#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/int8/calibration.h"
#include "core/int8/lowering.h"
#include "core/ir/same/fold_batch_norm.h"

namespace nas {

/// A layer's weights in the order of a program, with where each comes from.
struct LayerWeights {
  std::vector<float> weights;
  std::vector<float> biases;            ///< by output channel
  std::vector<std::uint32_t> channels;  ///< by weight: its output channel
  std::vector<std::uint32_t> inputs;    ///< by weight: place of the leading dimension it reads
  bool per_channel = false;             ///< a scale for each output channel
};

/// A tensor that a node owns. Throws Error(kNumeric) for numbers that are not finite.
std::vector<float> finite_floats(const WeightedGraph& network, NodeId node, std::string_view name);

/// The weights of `node` as a step of `op` with a tensor of `dims` has them; a batch normalisation,
/// and the end of a layer normalisation, is a factor and a constant for each channel. Throws
/// Error(kNumeric) for numbers that are not finite.
LayerWeights layer_weights(const WeightedGraph& network, NodeId node,
                           const std::vector<std::int64_t>& dims, MicroOp op,
                           const MicroOrigin& origin);

struct QuantisedLayer {
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> biases;
  std::vector<float> scales;  ///< of the weights: one, or one for each output channel
  std::int64_t zero_channels = 0;

  std::vector<float> bias_scales(float input_scale) const;
};

/// Symmetric, 127 steps to the largest weight (of the channel). Where that is so small that the
/// bias at its scale would not fit into 32 bits, as for a channel of zeros, the scale grows.
QuantisedLayer quantise_layer(const LayerWeights& layer, float input_scale, float output_scale);

/// Means of what a node reads, by place of the leading dimension (of a matrix of tokens: by
/// feature 0 where they are unknown).
std::vector<double> input_means(const ArchGraph& graph, const Calibration& calibration,
                                NodeId node);

/// Takes the mean of (rounded - real weights) x off the biases (Nagel et al. 2019, eq. 17; the
/// border of an image counts like its inside).
void correct_biases(const LayerWeights& layer, const std::vector<double>& means, float input_scale,
                    QuantisedLayer& integers);

}  // namespace nas
