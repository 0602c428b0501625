#include "predictors/gennape/comp_graph.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/ir/reachability.h"
#include "core/ir/same/reduction.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::pair<std::string_view, CgOp> kByOnnxName[] = {
    {"BatchNormalization", CgOp::kBatchNorm},
    {"Relu", CgOp::kRelu},
    {"Clip", CgOp::kRelu6},
    {"Add", CgOp::kAdd},
    {"Mul", CgOp::kMul},
    {"Concat", CgOp::kConcat},
    {"MaxPool", CgOp::kMaxPool},
    {"AveragePool", CgOp::kAvgPool},
    {"Sigmoid", CgOp::kSigmoid},
    {"Tanh", CgOp::kTanh},
    {"HardSwish", CgOp::kSwish},
    {"Gelu", CgOp::kGelu},
    {"Identity", CgOp::kIdentity},
    {"Dropout", CgOp::kIdentity},
};

bool has_attr(const OpSchema& op, std::string_view name) {
  return std::any_of(op.attrs.begin(), op.attrs.end(),
                     [name](const AttrSpec& attr) { return attr.name == name; });
}

CgOp weighted_op(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  if (!has_attr(op, "kernel")) return CgOp::kMatmul;
  const std::int64_t groups = has_attr(op, "groups") ? graph.get_int(node, "groups") : 1;
  const std::int64_t in = graph.type(graph.inputs(node)[0]).shape[0];
  const std::int64_t out = graph.output_types(node)[0].shape[0];
  return groups > 1 && groups == in && in == out ? CgOp::kDepthwise : CgOp::kConv;
}

CgOp op_of(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  if (op.role == OpRole::kInput) return CgOp::kInput;
  if (op.role == OpRole::kWeight) return weighted_op(graph, node);
  if (op.role == OpRole::kGlobalPool) return CgOp::kMean;
  for (const auto& [name, label] : kByOnnxName) {
    if (op.onnx_name == name) return label;
  }
  return CgOp::kOther;
}

/// Moves numbers without being an operation of the graph.
bool is_shape_only(const OpSchema& op) {
  return op.onnx_name == "Flatten" || op.onnx_name == "Reshape" || op.onnx_name == "Squeeze";
}

struct Extent {
  std::int32_t height = 1, width = 1, channels = 1;
};

Extent extent_of(const Shape& shape) {
  const auto at = [&shape](std::size_t axis) { return static_cast<std::int32_t>(shape[axis]); };
  if (shape.rank() == 0) return {};
  Extent extent{1, 1, at(0)};
  if (shape.rank() >= 2) extent.height = at(1);
  if (shape.rank() >= 3) extent.width = at(2);
  return extent;
}

std::array<std::int32_t, 6> resolution_of(const Extent& in, const Extent& out) {
  return {in.height, out.height, in.width, out.width, in.channels, out.channels};
}

std::uint8_t kernel_of(const ArchGraph& graph, NodeId node, std::string_view side) {
  const std::int64_t kernel = graph.get_int(node, side);
  if (kernel <= CompGraph::kLargestKernel) return static_cast<std::uint8_t>(kernel);
  throw Error(ErrorKind::kUnsupported, "node '" + graph.path(node) + "': " + std::string(side) +
                                           " = " + std::to_string(kernel) +
                                           "; computation graphs of GENNAPE have kernels up to " +
                                           std::to_string(CompGraph::kLargestKernel));
}

CgNode node_of(const ArchGraph& graph, NodeId node, const Shape& first_input) {
  CgNode result;
  result.op = op_of(graph, node);
  const Extent out = extent_of(graph.output_types(node)[0].shape);
  result.resolution =
      resolution_of(graph.op(node).role == OpRole::kInput ? out : extent_of(first_input), out);
  if (graph.op(node).role != OpRole::kWeight) return result;
  result.weighted = true;
  result.bias = has_attr(graph.op(node), "bias") && graph.get_bool(node, "bias");
  if (result.op == CgOp::kMatmul) return result;
  result.kernel_h = kernel_of(graph, node, "kernel");
  const bool sequence = graph.type(graph.inputs(node)[0]).shape.rank() == 2;
  const bool square = !has_attr(graph.op(node), "kernel_width") ||
                      graph.get_int(node, "kernel_width") == 0;  // as the height
  result.kernel_w = sequence ? std::uint8_t{1}
                    : square ? result.kernel_h
                             : kernel_of(graph, node, "kernel_width");
  return result;
}

/// By node: an output needs it, it is not zero, and where an output depends on an input, it does
/// too.
std::vector<bool> kept_nodes(const ArchGraph& graph) {
  const Reduction reduction = reduce(graph);
  std::vector<bool> zero(graph.size()), kept(graph.size()), reached(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    zero[node] = reduction.nodes[node].value.is_zeros();
    reached[node] = graph.op(node).role == OpRole::kInput;
    for (const PortRef& input : graph.inputs(node)) {
      reached[node] = reached[node] || (reached[input.node] && !zero[node]);
    }
  }
  bool valid = false;
  for (const GraphOutput& output : graph.graph_outputs()) {
    kept[output.value.node] = !zero[output.value.node];
    valid = valid || (kept[output.value.node] && reached[output.value.node]);
  }
  std::vector<std::vector<NodeId>> inputs(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    for (const PortRef& input : graph.inputs(node)) {
      if (!zero[input.node]) inputs[node].push_back(input.node);
    }
  }
  mark_needed(kept, [&](std::size_t node) -> const std::vector<NodeId>& { return inputs[node]; });
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.op(node).role == OpRole::kInput) kept[node] = true;
    kept[node] = kept[node] && !zero[node] && (reached[node] || !valid);
  }
  return kept;
}

/// A computation graph as it grows, in topological order.
class Assembly {
 public:
  explicit Assembly(const ArchGraph& graph) : graph_(graph), place_(graph.size()) {
    const std::vector<bool> kept = kept_nodes(graph);
    for (NodeId node = 0; node < graph.size(); ++node) {
      if (kept[node]) add(node, kept);
    }
    for (const GraphOutput& output : graph.graph_outputs()) {
      CgNode node{.op = CgOp::kOutput};
      const Extent extent = extent_of(graph.type(output.value).shape);
      node.resolution = resolution_of(extent, extent);
      const std::uint32_t at = push(node);
      if (kept[output.value.node]) edges_.emplace_back(place_[output.value.node], at);
    }
  }

  CompGraph finish() {
    CompGraph result;
    std::vector<std::uint32_t> moved(nodes_.size());
    for (const bool weighted : {true, false}) {
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].weighted != weighted) continue;
        moved[i] = static_cast<std::uint32_t>(result.nodes.size());
        result.nodes.push_back(nodes_[i]);
      }
      if (weighted) result.weighted = result.nodes.size();
    }
    for (const auto& [from, to] : edges_) result.edges.emplace_back(moved[from], moved[to]);
    std::sort(result.edges.begin(), result.edges.end());
    result.edges.erase(std::unique(result.edges.begin(), result.edges.end()), result.edges.end());
    result.macs = macs_;
    return result;
  }

 private:
  std::uint32_t push(const CgNode& node) {
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  void add(NodeId node, const std::vector<bool>& kept) {
    std::vector<PortRef> inputs;
    for (const PortRef& input : graph_.inputs(node)) {
      if (kept[input.node]) inputs.push_back(input);
    }
    const bool merge = graph_.op(node).role == OpRole::kMerge;
    if (inputs.size() == 1 && (merge || is_shape_only(graph_.op(node)))) {
      place_[node] = place_[inputs[0].node];
      return;
    }
    macs_ += graph_.cost(node).macs;
    const Shape first = inputs.empty() ? Shape{} : graph_.type(inputs[0]).shape;
    const CgNode made = node_of(graph_, node, first);
    const bool dilated = made.weighted && has_attr(graph_.op(node), "dilation") &&
                         graph_.get_int(node, "dilation") > 1;
    const std::uint32_t at = dilated ? add_dilated(made) : push(made);
    const std::uint32_t entry = dilated ? at - 2 : at;
    for (const PortRef& input : inputs) edges_.emplace_back(place_[input.node], entry);
    place_[node] = at;
  }

  /// Space to batch, the convolution, batch to space. The sizes between are those outside: how a
  /// framework cuts the image is no property of the network.
  std::uint32_t add_dilated(const CgNode& conv) {
    const auto& r = conv.resolution;
    const std::uint32_t before =
        push({.op = CgOp::kSpaceToBatch, .resolution = {r[0], r[0], r[2], r[2], r[4], r[4]}});
    push(conv);
    const std::uint32_t after =
        push({.op = CgOp::kBatchToSpace, .resolution = {r[1], r[1], r[3], r[3], r[5], r[5]}});
    edges_.emplace_back(before, before + 1);
    edges_.emplace_back(before + 1, after);
    return after;
  }

  const ArchGraph& graph_;
  std::vector<std::uint32_t> place_;  ///< by node of the network
  std::vector<CgNode> nodes_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_;
  std::int64_t macs_ = 0;
};

}  // namespace

CompGraph comp_graph_of(const ArchGraph& graph) {
  return Assembly(graph).finish();
}

}  // namespace nas
