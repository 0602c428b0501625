#include "predictors/zerocost/engine.h"
#include "predictors/zerocost/proxy.h"

namespace nas {

namespace {

bool is_layer_weight(const ArchGraph& graph, NodeId node, const ParamSpec& spec) {
  const OpSchema& op = graph.op(node);
  if (!spec.trainable || op.role == OpRole::kNormalisation) return false;
  if (op.role == OpRole::kWeight && spec.name == "bias") return false;
  if (op.role == OpRole::kWeight && spec.name == "weight") return true;
  throw Error(ErrorKind::kUnsupported, "proxies do not know what the tensor '" +
                                           std::string(spec.name) + "' of '" + graph.path(node) +
                                           "' is for; the operation '" + std::string(op.name) +
                                           "' is no layer with one weight");
}

bool only_normalised(const ArchGraph& graph, NodeId node) {
  for (const GraphOutput& output : graph.graph_outputs()) {
    if (output.value.node == node) return false;
  }
  for (const Consumer& reader : graph.consumers(node)) {
    if (graph.op(reader.node).role != OpRole::kNormalisation) return false;
  }
  return !graph.consumers(node).empty();
}

}  // namespace

std::vector<WeightLayer> weight_layers(const ArchGraph& graph) {
  std::vector<WeightLayer> layers;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const ParamList params = graph.params(node);
    for (const ParamSpec& spec : params) {
      if (!is_layer_weight(graph, node, spec)) continue;
      layers.push_back({node, graph.path(node), spec.shape.elements(), spec.shape[0],
                        only_normalised(graph, node)});
    }
  }
  return layers;
}

std::string needs_text(std::uint32_t needs) {
  struct Word {
    std::uint32_t need;
    const char* text;
  };
  static constexpr Word kWords[] = {
      {kNeedsWeights, "weights"},
      {kNeedsGradients, "gradients"},
      {kNeedsTwoBatches, "two batches"},
      {kNeedsChannelSaliency, "activation gradients"},
      {kNeedsJacobian, "input Jacobian"},
      {kNeedsHessian, "second-order pass"},
      {kNeedsPatterns, "ReLU patterns"},
      {kNeedsDeadNodes, "dead nodes"},
      {kNeedsFlow | kNeedsFlowGradients, "data-free pass"},
      {kNeedsNormalisedFlow, "data-free pass with BN"},
      {kNeedsSampleSigns, "per-image gradients"},
      {kNeedsGaussianNet | kNeedsGaussianPatterns, "N(0,1) weights"},
      {kNeedsNoisePatterns, "patterns on noise"},
      {kNeedsTangentKernel, "tangent kernel"},
      {kNeedsFeatureMaps, "feature maps"},
      {kNeedsBlocks, "block Jacobians"},
      {kNeedsFisherMatrix, "Fisher matrix"},
      {kNeedsOwnPass, "comparison with a teacher"},
  };
  std::string text;
  for (const Word& word : kWords) {
    if ((needs & word.need) == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(word.text);
  }
  return text.empty() ? "graph only" : text;
}

std::string Proxy::objection(const ArchGraph& graph) const {
  const auto any = [&](const auto& holds) {
    for (NodeId node = 0; node < graph.size(); ++node) {
      if (holds(node)) return true;
    }
    return false;
  };
  const auto is_rectifier = [&](NodeId node) { return graph.op(node).role == OpRole::kRectifier; };
  const auto is_batch_norm = [&](NodeId node) { return has_running_statistics(graph, node); };
  const auto is_map = [&](NodeId node) {
    return graph.output_types(node)[0].shape.rank() > 1 && !graph.inputs(node).empty();
  };
  constexpr std::uint32_t kPatterns = kNeedsPatterns | kNeedsNoisePatterns | kNeedsGaussianPatterns;
  constexpr std::uint32_t kLayers = kNeedsWeights | kNeedsGradients | kNeedsChannelSaliency |
                                    kNeedsHessian | kNeedsFlow | kNeedsFlowGradients |
                                    kNeedsNormalisedFlow | kNeedsSampleSigns;
  if ((needs() & kPatterns) != 0 && !any(is_rectifier)) {
    return "it needs ReLU layers, and the graph has none";
  }
  if ((needs() & kNeedsGaussianNet) != 0 && !any(is_batch_norm)) {
    return "it needs batch normalisation, and the graph has none";
  }
  if ((needs() & kNeedsFeatureMaps) != 0 && !any(is_map)) {
    return "it needs feature maps, and the graph has none";
  }
  if ((needs() & kLayers) != 0 && weight_layers(graph).empty()) {
    return "it needs convolutions or linear layers, and the graph has none";
  }
  return "";
}

}  // namespace nas
