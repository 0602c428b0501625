#include "predictors/gennape/graph_terms.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace nas {
namespace {

constexpr double kUsualWidth = 512, kUsualSide = 8;

/// Labels that do the same kind of work; the first known one stands for the others.
constexpr std::initializer_list<CgOp> kKinds[] = {
    {CgOp::kMaxPool, CgOp::kAvgPool},
    {CgOp::kMean, CgOp::kGlobal},
    {CgOp::kRelu, CgOp::kRelu6, CgOp::kSwish, CgOp::kGelu, CgOp::kSigmoid, CgOp::kTanh},
    {CgOp::kConv, CgOp::kDepthwise, CgOp::kMatmul},
    {CgOp::kAdd, CgOp::kConcat, CgOp::kMul},
};

/// The size of a network that is there, unlike a mean of the two in the middle.
double upper_median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double widest_of(const CompGraph& graph) {
  std::int32_t most = 1;
  for (const CgNode& node : graph.nodes) {
    if (node.weighted && node.op != CgOp::kMatmul) most = std::max(most, node.resolution[5]);
  }
  return most;
}

/// Of the map that is pooled in the end, or the smallest one.
double last_side_of(const CompGraph& graph) {
  std::int32_t least = 0;
  for (const CgNode& node : graph.nodes) {
    if (node.op == CgOp::kMean) return node.resolution[0];
    if (node.resolution[1] > 1)
      least = least == 0 ? node.resolution[1] : std::min(least, node.resolution[1]);
  }
  return std::max(least, 1);
}

std::int32_t scaled(std::int32_t size, double factor) {
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp(std::round(size * factor), 1.0, kMost));
}

/// Without nodes of this label: their readers read the node's input instead.
CompGraph without(const CompGraph& graph, CgOp leave) {
  const auto gone = [&](std::uint32_t node) { return graph.nodes[node].op == leave; };
  std::vector<std::uint32_t> source(graph.nodes.size()), moved(graph.nodes.size());
  for (std::uint32_t i = 0; i < source.size(); ++i) source[i] = i;
  for (const auto& [from, to] : graph.edges) {
    if (gone(to)) source[to] = from;
  }
  CompGraph result;
  result.macs = graph.macs;
  for (std::uint32_t i = 0; i < source.size(); ++i) {
    if (gone(i)) continue;
    moved[i] = static_cast<std::uint32_t>(result.nodes.size());
    result.nodes.push_back(graph.nodes[i]);
    if (graph.nodes[i].weighted) result.weighted = result.nodes.size();
  }
  for (const auto& [from, to] : graph.edges) {
    if (gone(to)) continue;
    std::uint32_t at = from;
    while (gone(at) && source[at] != at) at = source[at];
    if (!gone(at)) result.edges.emplace_back(moved[at], moved[to]);
  }
  std::sort(result.edges.begin(), result.edges.end());
  result.edges.erase(std::unique(result.edges.begin(), result.edges.end()), result.edges.end());
  return result;
}

}  // namespace

CgScale CgScale::of(std::span<const CompGraph> graphs) {
  std::vector<double> widths, sides;
  for (const CompGraph& graph : graphs) {
    widths.push_back(widest_of(graph));
    sides.push_back(last_side_of(graph));
  }
  if (graphs.empty()) return {};
  return {kUsualWidth / upper_median(std::move(widths)),
          kUsualSide / upper_median(std::move(sides))};
}

void CgVocabulary::add(std::span<const CompGraph> graphs) {
  for (const CompGraph& graph : graphs) {
    for (const CgNode& node : graph.nodes) known_[static_cast<std::size_t>(node.op)] = true;
  }
}

void CgVocabulary::set_values(std::span<const double> values) {
  for (std::size_t i = 0; i < known_.size() && i < values.size(); ++i) known_[i] = values[i] != 0;
}

CgOp CgVocabulary::word_for(CgOp op) const {
  if (knows(op)) return op;
  for (const std::initializer_list<CgOp>& kind : kKinds) {
    if (std::ranges::find(kind, op) == kind.end()) continue;
    const auto found = std::ranges::find_if(kind, [this](CgOp other) { return knows(other); });
    if (found != kind.end()) return *found;
  }
  return op;
}

CompGraph CgVocabulary::read(const CompGraph& graph, const CgScale& scale) const {
  const bool identities = !knows(CgOp::kIdentity);
  CompGraph result = identities ? without(graph, CgOp::kIdentity) : graph;
  for (CgNode& node : result.nodes) {
    node.op = word_for(node.op);
    if (node.op == CgOp::kOutput) continue;
    for (std::size_t i = 0; i < node.resolution.size(); ++i) {
      if (i >= 4 && (node.op == CgOp::kInput || (i == 5 && node.op == CgOp::kMatmul))) continue;
      if (i < 4 && node.resolution[i] == 1) continue;  // what has no side
      node.resolution[i] = scaled(node.resolution[i], i < 4 ? scale.side : scale.channels);
    }
  }
  constexpr double kMost = 9e18;  // of an int64
  const double area = scale.side * scale.side, pairs = scale.channels * scale.channels;
  const double macs = static_cast<double>(graph.macs) * pairs * area;
  result.macs = static_cast<std::int64_t>(std::min(macs, kMost));
  return result;
}

}  // namespace nas
