#include "core/int8/equalise.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace nas {
namespace {

/// One convolution that alone reads another's channels.
struct LayerPair {
  NodeId first, second;
};

bool is_convolution(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  return op.role == OpRole::kWeight && op.family == OpFamily::kConv;
}

/// Its input channels are its output channels, each by itself; or all are read by all.
bool is_depthwise(const ArchGraph& graph, NodeId node) {
  return graph.get_int(node, "groups") == graph.get_int(node, "out_channels") &&
         graph.get_int(node, "groups") > 1;
}
bool can_follow(const ArchGraph& graph, NodeId node) {
  const Shape& input = graph.type(graph.inputs(node)[0]).shape;
  return graph.get_int(node, "groups") == 1 ||
         (is_depthwise(graph, node) && graph.get_int(node, "groups") == input[0]);
}

std::optional<NodeId> only_reader(const ArchGraph& graph, NodeId node) {
  const auto readers = graph.consumers(node);
  for (const GraphOutput& output : graph.graph_outputs()) {
    if (output.value.node == node) return std::nullopt;
  }
  return readers.size() == 1 ? std::optional(readers[0].node) : std::nullopt;
}

/// relu, but not relu6, which is cut at a number.
bool scales_through(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  return op.role == OpRole::kRectifier && op.onnx_name == "Relu";
}

std::vector<LayerPair> pairs_of(const ArchGraph& graph) {
  std::vector<LayerPair> pairs;
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (!is_convolution(graph, node)) continue;
    std::optional<NodeId> reader = only_reader(graph, node);
    if (reader && scales_through(graph, *reader)) reader = only_reader(graph, *reader);
    if (reader && is_convolution(graph, *reader) && can_follow(graph, *reader)) {
      pairs.push_back({node, *reader});
    }
  }
  return pairs;
}

class Balance {
 public:
  explicit Balance(const WeightedGraph& network) : network_(network) {}

  void balance(const LayerPair& pair) {
    const std::string first = path(pair.first, "weight"), second = path(pair.second, "weight");
    std::vector<float> w1 = read_floats(network_.weights, first);
    std::vector<float> w2 = read_floats(network_.weights, second);
    const auto channels =
        static_cast<std::size_t>(network_.graph.get_int(pair.first, "out_channels"));
    const std::size_t row = w1.size() / channels;
    const bool depthwise = is_depthwise(network_.graph, pair.second);
    // Where the weights of input channel c of the second layer stand: [out, in, positions].
    const std::size_t outs =
        depthwise ? 1
                  : static_cast<std::size_t>(network_.graph.get_int(pair.second, "out_channels"));
    const std::size_t positions = w2.size() / (outs * channels);
    const auto second_at = [&](std::size_t channel, std::size_t i) -> float& {
      return w2[(i / positions * channels + channel) * positions + i % positions];
    };
    std::vector<float> factors(channels, 1.0F);
    for (std::size_t c = 0; c < channels; ++c) {
      float r1 = 0, r2 = 0;
      for (std::size_t i = 0; i < row; ++i) r1 = std::max(r1, std::abs(w1[c * row + i]));
      for (std::size_t i = 0; i < outs * positions; ++i)
        r2 = std::max(r2, std::abs(second_at(c, i)));
      // A channel that does nothing has no balance.
      if (!(r1 > 1e-8F) || !(r2 > 1e-8F)) continue;
      factors[c] = std::sqrt(r1 / r2);
      for (std::size_t i = 0; i < row; ++i) w1[c * row + i] /= factors[c];
      for (std::size_t i = 0; i < outs * positions; ++i) second_at(c, i) *= factors[c];
    }
    store(first, w1);
    store(second, w2);
    if (param_index(network_.graph, pair.first, "bias") < 0) return;
    std::vector<float> biases = read_floats(network_.weights, path(pair.first, "bias"));
    for (std::size_t c = 0; c < channels; ++c) biases[c] /= factors[c];
    store(path(pair.first, "bias"), biases);
  }

  WeightedGraph take() { return std::move(network_); }

 private:
  std::string path(NodeId node, std::string_view name) const {
    return network_.graph.path(node) + "." + std::string(name);
  }
  void store(const std::string& name, const std::vector<float>& values) {
    StoredTensor& tensor = network_.weights.tensors.at(name);
    tensor = store_floats(tensor.shape, values);
  }

  WeightedGraph network_;
};

}  // namespace

WeightedGraph equalised(const WeightedGraph& network) {
  const std::vector<LayerPair> pairs = pairs_of(network.graph);
  Balance balance(network);
  for (int round = 0; round < 2; ++round) {
    for (const LayerPair& pair : pairs) balance.balance(pair);
  }
  return balance.take();
}

}  // namespace nas
