#include "core/int8/layer_weights.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

/// A channel's scale is never so small that the engine's 31-bit factor loses its bias.
constexpr double kMostBias = 1 << 29;

std::vector<float> biases_of(const WeightedGraph& network, NodeId node, std::size_t channels) {
  const bool given = param_index(network.graph, node, "bias") >= 0;
  return given ? finite_floats(network, node, "bias") : std::vector<float>(channels, 0.0F);
}

/// Factor and constant of each channel.
LayerWeights normalisation_weights(const WeightedGraph& network, NodeId node) {
  const std::vector<float> mean = finite_floats(network, node, "running_mean");
  const std::vector<float> variance = finite_floats(network, node, "running_var");
  const bool affine = param_index(network.graph, node, "weight") >= 0;
  const std::vector<float> factor =
      affine ? finite_floats(network, node, "weight") : std::vector<float>(mean.size(), 1.0F);
  const double eps = network.graph.get_real(node, "eps");
  LayerWeights layer{.biases = biases_of(network, node, mean.size()), .per_channel = true};
  for (std::uint32_t c = 0; c < mean.size(); ++c) {
    const double scale =
        static_cast<double>(factor[c]) / std::sqrt(static_cast<double>(variance[c]) + eps);
    layer.weights.push_back(static_cast<float>(scale));
    layer.biases[c] -= static_cast<float>(scale * static_cast<double>(mean[c]));
    layer.channels.push_back(c);
    layer.inputs.push_back(c);
  }
  return layer;
}

/// [out, in / groups, positions] of the graph as [out, positions, in / groups], or of a depthwise
/// convolution as [positions, out].
LayerWeights convolution_weights(const WeightedGraph& network, NodeId node, bool depthwise,
                                 std::size_t outs, std::size_t positions, std::size_t ins) {
  const std::vector<float> values = finite_floats(network, node, "weight");
  const auto groups = static_cast<std::size_t>(network.graph.get_int(node, "groups"));
  NAS_CHECK(values.size() == outs * positions * ins, "the lowering states the weights' shape");
  LayerWeights layer{.biases = biases_of(network, node, outs), .per_channel = true};
  const auto add = [&](std::size_t out, std::size_t position, std::size_t in) {
    const std::size_t group = out / (outs / groups);
    layer.weights.push_back(values[(out * ins + in) * positions + position]);
    layer.channels.push_back(static_cast<std::uint32_t>(out));
    layer.inputs.push_back(static_cast<std::uint32_t>(group * ins + in));
  };
  if (depthwise) {
    for (std::size_t position = 0; position < positions; ++position) {
      for (std::size_t out = 0; out < outs; ++out) add(out, position, 0);
    }
    return layer;
  }
  for (std::size_t out = 0; out < outs; ++out) {
    for (std::size_t position = 0; position < positions; ++position) {
      for (std::size_t in = 0; in < ins; ++in) add(out, position, in);
    }
  }
  return layer;
}

/// [out, in], its columns in the order of the flattened image that they read.
LayerWeights matrix_weights(const WeightedGraph& network, NodeId node, std::size_t outs,
                            std::size_t ins, std::size_t channels) {
  const std::vector<float> values = finite_floats(network, node, "weight");
  NAS_CHECK(values.size() == outs * ins, "the lowering states the weights' shape");
  LayerWeights layer{.biases = biases_of(network, node, outs)};
  for (std::size_t out = 0; out < outs; ++out) {
    for (std::size_t i = 0; i < ins; ++i) {
      const std::size_t column = channels == 0 ? i : i % channels * (ins / channels) + i / channels;
      layer.weights.push_back(values[out * ins + column]);
      layer.channels.push_back(static_cast<std::uint32_t>(out));
      layer.inputs.push_back(static_cast<std::uint32_t>(column));
    }
  }
  return layer;
}

/// Factor and constant of each channel of rows of unit length: what a layer normalisation ends in.
LayerWeights row_weights(const WeightedGraph& network, NodeId node, std::size_t channels) {
  const bool affine = param_index(network.graph, node, "weight") >= 0;
  LayerWeights layer{.weights = affine ? finite_floats(network, node, "weight")
                                       : std::vector<float>(channels, 1.0F),
                     .biases = biases_of(network, node, channels),
                     .per_channel = true};
  const float length = std::sqrt(static_cast<float>(channels));
  for (std::uint32_t c = 0; c < channels; ++c) {
    layer.weights[c] *= length;
    layer.channels.push_back(c);
    layer.inputs.push_back(c);
  }
  return layer;
}

}  // namespace

std::vector<float> finite_floats(const WeightedGraph& network, NodeId node, std::string_view name) {
  const std::string path = network.graph.path(node) + "." + std::string(name);
  std::vector<float> values = read_floats(network.weights, path);
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    throw Error(ErrorKind::kNumeric, "'" + path + "' holds numbers that are not finite");
  }
  return values;
}

LayerWeights layer_weights(const WeightedGraph& network, NodeId node,
                           const std::vector<std::int64_t>& dims, MicroOp op,
                           const MicroOrigin& origin) {
  if (has_running_statistics(network.graph, node)) return normalisation_weights(network, node);
  std::vector<std::size_t> d(dims.begin(), dims.end());
  if (normalises_rows(network.graph, node)) return row_weights(network, node, d[3]);
  if (op == MicroOp::kFullyConnected) {
    return matrix_weights(network, node, d[0], d[1],
                          static_cast<std::size_t>(origin.flattened_channels));
  }
  const bool depthwise = op == MicroOp::kDepthwiseConv2d;
  return depthwise ? convolution_weights(network, node, true, d[3], d[1] * d[2], 1)
                   : convolution_weights(network, node, false, d[0], d[1] * d[2], d[3]);
}

std::vector<float> QuantisedLayer::bias_scales(float input_scale) const {
  std::vector<float> result;
  for (const float scale : scales) result.push_back(input_scale * scale);
  return result;
}

QuantisedLayer quantise_layer(const LayerWeights& layer, float input_scale, float output_scale) {
  const std::size_t count = layer.per_channel ? layer.biases.size() : 1;
  const auto part = [&](std::uint32_t channel) { return layer.per_channel ? channel : 0; };
  std::vector<double> most(count, 0), most_bias(count, 0);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    double& largest = most[part(layer.channels[i])];
    largest = std::max(largest, std::abs(static_cast<double>(layer.weights[i])));
  }
  for (std::uint32_t channel = 0; channel < layer.biases.size(); ++channel) {
    double& largest = most_bias[part(channel)];
    largest = std::max(largest, std::abs(static_cast<double>(layer.biases[channel])));
  }
  QuantisedLayer result;
  const double in = input_scale, out = output_scale;
  for (std::size_t i = 0; i < count; ++i) {
    if (most[i] == 0) ++result.zero_channels;
    // Without weights any scale will do at which the output has a few bits below its step.
    const double wanted = most[i] > 0 ? most[i] / 127 : out / in / 1024;
    result.scales.push_back(
        static_cast<float>(std::max({wanted, most_bias[i] / (in * kMostBias), 1e-30})));
  }
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const double scale = result.scales[part(layer.channels[i])];
    const double value = std::round(static_cast<double>(layer.weights[i]) / scale);
    result.weights.push_back(static_cast<std::int8_t>(std::clamp(value, -127.0, 127.0)));
  }
  for (std::uint32_t channel = 0; channel < layer.biases.size(); ++channel) {
    const double scale = in * static_cast<double>(result.scales[part(channel)]);
    const double value = std::round(static_cast<double>(layer.biases[channel]) / scale);
    result.biases.push_back(
        static_cast<std::int32_t>(std::clamp(value, -2 * kMostBias, 2 * kMostBias)));
  }
  return result;
}

std::vector<double> input_means(const ArchGraph& graph, const Calibration& calibration,
                                NodeId node) {
  const NodeId source = graph.inputs(node)[0].node;
  std::vector<double> means;
  // What the last step of a layer normalisation reads is no value of the graph.
  if (normalises_rows(graph, node)) return means;
  // The features of tokens are no leading dimension.
  if (graph.op(node).channels == ChannelRule::kUnknown) return means;
  const std::size_t places = calibration.of(source).channel_sums.size();
  for (std::size_t i = 0; i < places; ++i) means.push_back(calibration.of(source).channel_mean(i));
  return means;
}

void correct_biases(const LayerWeights& layer, const std::vector<double>& means, float input_scale,
                    QuantisedLayer& integers) {
  if (means.empty()) return;
  const auto scale_of = [&](std::uint32_t channel) {
    return static_cast<double>(integers.scales[layer.per_channel ? channel : 0]);
  };
  std::vector<double> errors(layer.biases.size(), 0);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const std::uint32_t channel = layer.channels[i];
    const double rounded = scale_of(channel) * integers.weights[i];
    errors[channel] += (rounded - static_cast<double>(layer.weights[i])) * means[layer.inputs[i]];
  }
  for (std::uint32_t channel = 0; channel < layer.biases.size(); ++channel) {
    const double scale = static_cast<double>(input_scale) * scale_of(channel);
    const double bias = static_cast<double>(integers.biases[channel]) - errors[channel] / scale;
    integers.biases[channel] =
        static_cast<std::int32_t>(std::clamp(std::round(bias), -2 * kMostBias, 2 * kMostBias));
  }
}

}  // namespace nas
