#include <algorithm>

#include "core/ir/draw/layered.h"

namespace nas {
namespace {

constexpr int kSweeps = 12;
constexpr int kPatience = 4;  ///< sweeps without improvement before giving up

using Layer = std::vector<std::uint32_t>;

void number(LayerGraph& graph, const Layer& layer) {
  for (std::uint32_t i = 0; i < layer.size(); ++i) graph.vertices[layer[i]].position = i;
}

/// Layers in the order of a depth-first walk from the top: a first order with few crossings. Bends
/// come after boxes, so that shortcuts all run on the right of what they skip.
void walk_order(LayerGraph& graph) {
  for (Layer& layer : graph.layers) layer.clear();
  std::vector<char> seen(graph.vertices.size(), 0);
  std::vector<std::uint32_t> stack;
  for (std::uint32_t v = static_cast<std::uint32_t>(graph.vertices.size()); v-- > 0;) {
    if (graph.above[v].empty()) stack.push_back(v);
  }
  while (!stack.empty()) {
    const std::uint32_t v = stack.back();
    stack.pop_back();
    if (seen[v]) continue;
    seen[v] = 1;
    graph.layers[graph.vertices[v].layer].push_back(v);
    const Layer& next = graph.below[v];
    for (std::size_t i = next.size(); i-- > 0;) {
      if (!seen[next[i]]) stack.push_back(next[i]);
    }
  }
  for (const Layer& layer : graph.layers) number(graph, layer);
}

/// Arcs between a layer and the next that cross: inversions, counted with a Fenwick tree.
std::int64_t crossings_below(const LayerGraph& graph, const Layer& layer, std::size_t next_size,
                             std::vector<std::int64_t>& tree) {
  tree.assign(next_size + 1, 0);
  std::int64_t crossings = 0, arcs = 0;
  std::vector<std::uint32_t> ends;
  for (const std::uint32_t v : layer) {
    ends.clear();
    for (const std::uint32_t w : graph.below[v]) ends.push_back(graph.vertices[w].position);
    for (const std::uint32_t end : ends) {
      std::int64_t not_right = 0;
      for (std::size_t i = end + 1; i > 0; i &= i - 1) not_right += tree[i];
      crossings += arcs - not_right;
    }
    for (const std::uint32_t end : ends) {
      for (std::size_t i = end + 1; i <= next_size; i += i & (~i + 1)) ++tree[i];
    }
    arcs += static_cast<std::int64_t>(ends.size());
  }
  return crossings;
}

std::int64_t crossings(const LayerGraph& graph) {
  std::vector<std::int64_t> tree;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i + 1 < graph.layers.size(); ++i) {
    sum += crossings_below(graph, graph.layers[i], graph.layers[i + 1].size(), tree);
  }
  return sum;
}

/// The median position of the neighbours; between two middle ones, nearer to the side that is
/// denser.
double median_position(const LayerGraph& graph, const Layer& neighbours,
                       std::vector<std::uint32_t>& places) {
  places.clear();
  for (const std::uint32_t v : neighbours) places.push_back(graph.vertices[v].position);
  std::sort(places.begin(), places.end());
  const std::size_t size = places.size(), middle = size / 2;
  if (size == 0) return -1;
  if (size % 2 == 1) return places[middle];
  const double low = places[middle - 1], high = places[middle];
  if (size == 2) return (low + high) / 2;
  const double left = low - places.front(), right = places.back() - high;
  return left + right > 0 ? (low * right + high * left) / (left + right) : (low + high) / 2;
}

/// Sorts one layer by the medians of its neighbours; vertices without any keep their place.
void sort_layer(LayerGraph& graph, Layer& layer,
                const std::vector<std::vector<std::uint32_t>>& neighbours) {
  std::vector<std::pair<double, std::uint32_t>> movable;
  std::vector<std::uint32_t> places;
  std::vector<char> fixed(layer.size(), 0);
  for (std::size_t i = 0; i < layer.size(); ++i) {
    const double median = median_position(graph, neighbours[layer[i]], places);
    fixed[i] = median < 0;
    if (!fixed[i]) movable.emplace_back(median, layer[i]);
  }
  std::stable_sort(movable.begin(), movable.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  auto next = movable.begin();
  for (std::size_t i = 0; i < layer.size(); ++i) {
    if (!fixed[i]) layer[i] = (next++)->second;
  }
  number(graph, layer);
}

void sweep(LayerGraph& graph, bool down) {
  const std::size_t count = graph.layers.size();
  for (std::size_t i = 1; i < count; ++i) {
    if (down) {
      sort_layer(graph, graph.layers[i], graph.above);
    } else {
      sort_layer(graph, graph.layers[count - 1 - i], graph.below);
    }
  }
}

}  // namespace

void order_layers(LayerGraph& graph, std::stop_token stop) {
  walk_order(graph);
  std::vector<Layer> best = graph.layers;
  std::int64_t fewest = crossings(graph);
  int patience = kPatience;
  for (int i = 0; i < kSweeps && fewest > 0 && patience > 0 && !stop.stop_requested(); ++i) {
    sweep(graph, i % 2 == 0);
    const std::int64_t count = crossings(graph);
    --patience;
    if (count < fewest) {
      fewest = count;
      best = graph.layers;
      patience = kPatience;
    }
  }
  graph.layers = std::move(best);
  for (const Layer& layer : graph.layers) number(graph, layer);
}

}  // namespace nas
