#include <array>

#include "core/ir/cost.h"
#include "core/ir/same/reduction.h"
#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

struct FlopsOptions {
  std::string count = "suite_zero";
};

constexpr std::array kFields = {
    Field<FlopsOptions>{"count", &FlopsOptions::count,
                        "\"suite_zero\" also counts batch normalisation, ReLU and pooling, as the "
                        "published columns do; \"macs\" only convolutions and linear layers; "
                        "\"live_macs\" those of them that an input reaches and an output needs",
                        "", -std::numeric_limits<double>::infinity(),
                        std::numeric_limits<double>::infinity(), "NAS-Bench-Suite-Zero",
                        "suite_zero|macs|live_macs"},
};

FlopsOptions parse(const OptionMap& options) {
  return parse_fields<FlopsOptions>(kFields, options, "proxy 'flops'");
}

/// One node in the way of NAS-Bench-Suite-Zero's counter (recomputed from its table, exact for all
/// 9,445 cells of NAS-Bench-201).
std::int64_t suite_zero_flops(const ArchGraph& graph, NodeId node) {
  if (graph.inputs(node).empty()) return 0;
  const Shape& out = graph.output_types(node)[0].shape;
  const Shape& in = graph.type(graph.inputs(node)[0]).shape;
  std::int64_t window = 1;
  switch (graph.op(node).role) {
    case OpRole::kNormalisation:
      return 2 * out.elements();
    case OpRole::kRectifier:
      return out.elements();
    case OpRole::kWindowPool:
      for (std::size_t d = 1; d < in.rank(); ++d) window *= graph.get_int(node, "kernel");
      return window * out.elements();
    case OpRole::kGlobalPool:
      // The counter takes the window of a global pooling as one larger than the image.
      for (std::size_t d = 1; d < in.rank(); ++d) window *= in[d] + 1;
      return window * in[0];
    default:
      return graph.cost(node).macs;
  }
}

/// By node: its value depends on an input and an output depends on it, with zeros folded. A
/// convolution behind `none` runs on constants and does not count.
std::vector<bool> live_nodes(const ArchGraph& graph) {
  const Reduction reduction = reduce(graph);
  std::vector<bool> reached(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    const Reduction::Node& reduced = reduction.nodes[node];
    // What was replaced by one of its inputs is as reached as that is.
    if (reduced.value.is_zeros()) continue;
    if (reduced.value.node != node) {
      reached[node] = reached[reduced.value.node];
      continue;
    }
    reached[node] = graph.op(node).role == OpRole::kInput;
    for (const ReducedValue& input : reduction.inputs_of(reduced)) {
      if (!input.is_zeros() && reached[input.node]) reached[node] = true;
    }
  }
  for (NodeId node = 0; node < graph.size(); ++node) {
    const Reduction::Node& reduced = reduction.nodes[node];
    const bool kept = !reduced.value.is_zeros() && reduced.value.node == node && reduced.live;
    reached[node] = reached[node] && kept;
  }
  return reached;
}

class Flops final : public Proxy {
 public:
  explicit Flops(const FlopsOptions& options) : options_(options) {}
  std::uint32_t needs() const override { return 0; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    const ArchGraph& graph = *evidence.graph;
    const bool only_live = options_.count == "live_macs";
    const std::vector<bool> live = only_live ? live_nodes(graph) : std::vector<bool>();
    std::int64_t sum = 0;
    for (NodeId node = 0; node < graph.size(); ++node) {
      if (options_.count == "suite_zero") {
        sum += suite_zero_flops(graph, node);
      } else if (!only_live || live[node]) {
        sum += graph.cost(node).macs;
      }
    }
    scores[0].value = static_cast<double>(sum) / 1e6;
  }

 private:
  FlopsOptions options_;
};

}  // namespace

extern constinit const Plugin<Proxy> flops_proxy{
    "flops",
    "multiply-adds and smaller operations of one image, in millions",
    "A. Krishnakumar et al.: NAS-Bench-Suite-Zero, NeurIPS 2022, arXiv:2210.03230",
    [] { return describe_fields<FlopsOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<FlopsOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Flops>(parse(options));
    }};

}  // namespace nas
