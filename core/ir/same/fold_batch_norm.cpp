#include "core/ir/same/fold_batch_norm.h"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ir/same/rebuild.h"
#include "core/ir/same/simplify.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool is_output(const ArchGraph& graph, NodeId node) {
  for (const GraphOutput& output : graph.graph_outputs()) {
    if (output.value.node == node) return true;
  }
  return false;
}

/// The layer that a normalisation folds into.
std::optional<NodeId> layer_of(const ArchGraph& graph, NodeId norm) {
  if (!has_running_statistics(graph, norm)) return std::nullopt;
  const NodeId layer = graph.inputs(norm)[0].node;
  const OpSchema& op = graph.op(layer);
  const bool can = op.role == OpRole::kWeight && op.channels != ChannelRule::kUnknown &&
                   graph.consumers(layer).size() == 1 && !is_output(graph, layer);
  return can ? std::optional(layer) : std::nullopt;
}

/// Copies the tensors of a node under the name that it has in another graph.
void copy_tensors(const ArchGraph& from, NodeId source, const TensorFile& weights,
                  const ArchGraph& to, NodeId target, TensorFile& result) {
  const ParamList params = from.params(source);
  for (const ParamSpec& spec : params) {
    const std::string name = from.path(source) + "." + std::string(spec.name);
    const auto found = weights.tensors.find(name);
    if (found == weights.tensors.end()) {
      throw Error(ErrorKind::kData, "the weights have no tensor '" + name + "'");
    }
    result.tensors[to.path(target) + "." + std::string(spec.name)] = found->second;
  }
}

void fold(const ArchGraph& graph, NodeId layer, NodeId norm, const TensorFile& weights,
          const std::string& path, TensorFile& result) {
  const std::string from = graph.path(layer), stats = graph.path(norm);
  std::vector<float> weight = read_floats(weights, from + ".weight");
  const std::vector<float> mean = read_floats(weights, stats + ".running_mean");
  const std::vector<float> variance = read_floats(weights, stats + ".running_var");
  const bool affine = param_index(graph, norm, "weight") >= 0;
  const std::size_t channels = mean.size(), row = channels == 0 ? 0 : weight.size() / channels;
  const std::vector<float> scale =
      affine ? read_floats(weights, stats + ".weight") : std::vector<float>(channels, 1.0F);
  const std::vector<float> shift =
      affine ? read_floats(weights, stats + ".bias") : std::vector<float>(channels, 0.0F);
  std::vector<float> bias = param_index(graph, layer, "bias") >= 0
                                ? read_floats(weights, from + ".bias")
                                : std::vector<float>(channels, 0.0F);
  const double eps = graph.get_real(norm, "eps");
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double factor = static_cast<double>(scale.at(channel)) /
                          std::sqrt(static_cast<double>(variance.at(channel)) + eps);
    for (std::size_t i = 0; i < row; ++i) {
      float& value = weight[channel * row + i];
      value = static_cast<float>(static_cast<double>(value) * factor);
    }
    bias.at(channel) = static_cast<float>(
        factor * (static_cast<double>(bias.at(channel)) - static_cast<double>(mean[channel])) +
        static_cast<double>(shift.at(channel)));
  }
  result.tensors[path + ".weight"] =
      store_floats(weights.tensors.at(from + ".weight").shape, weight);
  result.tensors[path + ".bias"] = store_floats({static_cast<std::int64_t>(channels)}, bias);
}

/// By layer: the normalisation that folds into it.
std::map<NodeId, NodeId> foldable(const ArchGraph& graph) {
  std::map<NodeId, NodeId> norm_of_layer;
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (const auto layer = layer_of(graph, node)) norm_of_layer[*layer] = node;
  }
  return norm_of_layer;
}

void rebuild_folded(const ArchGraph& graph, const std::map<NodeId, NodeId>& norm_of_layer,
                    Rebuild& rebuild) {
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (layer_of(graph, node)) {
      rebuild.pass(node);
    } else if (norm_of_layer.contains(node)) {
      std::vector<AttrValue> attrs(graph.attrs(node).begin(), graph.attrs(node).end());
      attrs[graph.op(node).attr_index("bias")] = true;
      rebuild.copy(node, graph.scope(node), attrs);
    } else {
      rebuild.copy(node, graph.scope(node));
    }
  }
}

}  // namespace

ArchGraph fold_batch_norm(const ArchGraph& graph) {
  Rebuild rebuild(graph);
  rebuild_folded(graph, foldable(graph), rebuild);
  return rebuild.finish();
}

WeightedGraph fold_batch_norm(const ArchGraph& graph, const TensorFile& weights) {
  const std::map<NodeId, NodeId> norm_of_layer = foldable(graph);
  Rebuild rebuild(graph);
  rebuild_folded(graph, norm_of_layer, rebuild);
  WeightedGraph result{rebuild.finish(), {}};
  result.weights.metadata = weights.metadata;
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (layer_of(graph, node)) continue;
    const NodeId target = rebuild.value(node).node;
    const auto norm = norm_of_layer.find(node);
    if (norm == norm_of_layer.end()) {
      copy_tensors(graph, node, weights, result.graph, target, result.weights);
    } else {
      fold(graph, node, norm->second, weights, result.graph.path(target), result.weights);
    }
  }
  return result;
}

WeightedGraph simplified_with_weights(const ArchGraph& graph, const TensorFile& weights) {
  // Scopes survive simplification: each node carries its number in one.
  Rebuild numbered(graph);
  for (NodeId node = 0; node < graph.size(); ++node) numbered.copy(node, std::to_string(node));
  const ArchGraph left = simplified(numbered.finish());
  const auto origin = [&](NodeId node) {
    return static_cast<NodeId>(parse_int(left.scope(node)).value_or(0));
  };
  Rebuild named(left);
  for (NodeId node = 0; node < left.size(); ++node) named.copy(node, graph.scope(origin(node)));
  WeightedGraph result{named.finish(), {}};
  result.weights.metadata = weights.metadata;
  for (NodeId node = 0; node < left.size(); ++node) {
    copy_tensors(graph, origin(node), weights, result.graph, named.value(node).node,
                 result.weights);
  }
  return result;
}

}  // namespace nas
