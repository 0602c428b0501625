#include "core/ir/draw/layered.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nas {
namespace {

constexpr double kMargin = 24, kLayerGap = 34, kLaneGap = 12;
constexpr std::size_t kBendsPerBox = 12,
                      kFreeBends = 20'000;  ///< longer edges run beside the drawing

class LayeredLayout {
 public:
  LayeredLayout(std::span<const BoxSize> boxes, std::span<const BoxEdge> edges)
      : boxes_(boxes), edges_(edges) {}

  LayeredDrawing run(const std::stop_token& stop) {
    assign_layers();
    mark_spine();
    choose_longest_span();
    build_graph();
    order_layers(graph_, stop);
    place_layers(graph_, stop);
    place_bands();
    lane_of_.assign(boxes_.size(), 0);
    LayeredDrawing drawing;
    for (std::uint32_t box = 0; box < boxes_.size(); ++box) {
      drawing.corners.emplace_back(graph_.vertices[box].x - boxes_[box].width / 2, top(box));
    }
    for (const BoxEdge& edge : edges_) drawing.routes.push_back(route(edge));
    drawing.width = right_ + kMargin + kLaneGap * static_cast<double>(lanes_);
    drawing.height = bands_.empty() ? 0 : bands_.back().bottom + kMargin;
    return drawing;
  }

 private:
  struct Band {
    double top = 0, bottom = 0;
  };

  std::uint32_t layer(std::uint32_t box) const { return graph_.vertices[box].layer; }
  std::uint32_t span_of(const BoxEdge& edge) const { return layer(edge.to) - layer(edge.from); }

  /// Longest paths from the top.
  void assign_layers() {
    graph_.vertices.resize(boxes_.size());
    std::vector<std::vector<std::uint32_t>> targets(boxes_.size());
    for (const BoxEdge& edge : edges_) targets[edge.from].push_back(edge.to);
    for (std::uint32_t box = 0; box < boxes_.size(); ++box) {
      graph_.vertices[box].width = boxes_[box].width;
      graph_.vertices[box].is_box = true;
      for (const std::uint32_t target : targets[box]) {
        std::uint32_t& below = graph_.vertices[target].layer;
        below = std::max(below, layer(box) + 1);
      }
    }
  }

  /// One longest path. Without a straight backbone, repeated cells drift sideways.
  void mark_spine() {
    std::vector<std::uint32_t> height(boxes_.size(), 0), next(boxes_.size(), LayerGraph::kNoTrunk);
    std::vector<std::uint32_t> order(edges_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
      return layer(edges_[x].from) > layer(edges_[y].from);
    });
    for (const std::uint32_t i : order) {
      const auto [from, to] = edges_[i];
      if (span_of(edges_[i]) != 1 || height[to] + 1 <= height[from]) continue;
      height[from] = height[to] + 1;
      next[from] = to;
    }
    std::uint32_t top = 0;
    for (std::uint32_t box = 0; box < boxes_.size(); ++box) {
      if (layer(box) == 0 && height[box] > height[top]) top = box;
    }
    for (std::uint32_t box = top; box != LayerGraph::kNoTrunk; box = next[box]) {
      graph_.vertices[box].on_spine = true;
    }
  }

  /// The greatest span whose bends fit into the budget, so that time stays near linear whatever the
  /// graph.
  void choose_longest_span() {
    std::vector<std::vector<std::uint32_t>> spans(boxes_.size());
    std::uint32_t longest = 1;
    for (const BoxEdge& edge : edges_) {
      spans[edge.from].push_back(span_of(edge));
      longest = std::max(longest, span_of(edge));
    }
    const std::size_t budget = kFreeBends + kBendsPerBox * boxes_.size();
    const auto bends = [&](std::uint32_t limit) {
      std::size_t sum = 0;
      for (const std::vector<std::uint32_t>& of_box : spans) {
        std::uint32_t reach = 1;
        for (const std::uint32_t span : of_box) reach = std::max(reach, span <= limit ? span : 1);
        sum += reach - 1;
      }
      return sum;
    };
    std::uint32_t low = 1, high = longest;
    while (low < high) {
      const std::uint32_t middle = low + (high - low + 1) / 2;
      if (bends(middle) <= budget) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    longest_span_ = low;
  }

  void build_graph() {
    std::vector<std::uint32_t> reach(boxes_.size(), 1);
    for (const BoxEdge& edge : edges_) {
      const std::uint32_t span = span_of(edge);
      if (span <= longest_span_) reach[edge.from] = std::max(reach[edge.from], span);
    }
    graph_.trunk_of.assign(boxes_.size(), LayerGraph::kNoTrunk);
    for (std::uint32_t box = 0; box < boxes_.size(); ++box) {
      if (reach[box] == 1) continue;
      graph_.trunk_of[box] = static_cast<std::uint32_t>(graph_.trunks.size());
      graph_.trunks.push_back({static_cast<std::uint32_t>(graph_.vertices.size()), reach[box] - 1});
      for (std::uint32_t i = 1; i < reach[box]; ++i) {
        graph_.vertices.push_back({.layer = layer(box) + i});
      }
    }
    graph_.above.resize(graph_.vertices.size());
    graph_.below.resize(graph_.vertices.size());
    for (const BoxEdge& edge : edges_) {
      if (span_of(edge) <= longest_span_) join(last_before(edge), edge.to);
    }
    for (std::uint32_t box = 0; box < boxes_.size(); ++box) {
      if (graph_.trunk_of[box] == LayerGraph::kNoTrunk) continue;
      const LayerGraph::Trunk trunk = graph_.trunks[graph_.trunk_of[box]];
      join(box, trunk.first);
      for (std::uint32_t i = 1; i < trunk.count; ++i) join(trunk.first + i - 1, trunk.first + i);
    }
    std::uint32_t count = 0;
    for (const LayerGraph::Vertex& vertex : graph_.vertices) {
      count = std::max(count, vertex.layer + 1);
    }
    graph_.layers.resize(count);
  }

  void join(std::uint32_t upper, std::uint32_t lower) {
    graph_.below[upper].push_back(lower);
    graph_.above[lower].push_back(upper);
  }

  /// The vertex in the layer above the target.
  std::uint32_t last_before(const BoxEdge& edge) const {
    const std::uint32_t span = span_of(edge);
    return span == 1 ? edge.from : graph_.trunks[graph_.trunk_of[edge.from]].first + span - 2;
  }

  void place_bands() {
    bands_.resize(graph_.layers.size());
    for (std::uint32_t box = 0; box < boxes_.size(); ++box) {
      Band& band = bands_[layer(box)];
      band.bottom = std::max(band.bottom, boxes_[box].height);
    }
    double y = kMargin;
    for (Band& band : bands_) {
      band.top = y;
      band.bottom += y;
      y = band.bottom + kLayerGap;
    }
    double left = std::numeric_limits<double>::infinity();
    for (const LayerGraph::Vertex& vertex : graph_.vertices) {
      left = std::min(left, vertex.x - vertex.width / 2);
    }
    for (LayerGraph::Vertex& vertex : graph_.vertices) {
      vertex.x = std::round(vertex.x - left + kMargin);
      right_ = std::max(right_, vertex.x + vertex.width / 2);
    }
  }

  double top(std::uint32_t box) const {
    const Band& band = bands_[layer(box)];
    return (band.top + band.bottom - boxes_[box].height) / 2;
  }

  /// Where a line from `x` ends on a box: nearer to the side it comes from when it is not the only
  /// one.
  double entry(std::uint32_t box, double x) const {
    const LayerGraph::Vertex& vertex = graph_.vertices[box];
    if (graph_.above[box].size() < 2) return vertex.x;
    const double room = std::max(0.0, boxes_[box].width / 2 - 14);
    return vertex.x + std::clamp((x - vertex.x) * 0.35, -room, room);
  }

  /// Inside a band a line runs straight down, so that it never touches the boxes beside it.
  Polyline route(const BoxEdge& edge) {
    const double bottom = top(edge.from) + boxes_[edge.from].height;
    Polyline line{{graph_.vertices[edge.from].x, bottom},
                  {graph_.vertices[edge.from].x, bands_[layer(edge.from)].bottom}};
    if (span_of(edge) > longest_span_) {
      std::size_t& lane = lane_of_[edge.from];
      if (lane == 0) lane = ++lanes_;
      const double x = right_ + kLaneGap * static_cast<double>(lane);
      const double end = graph_.vertices[edge.to].x;
      const double out = line.back().second + kLayerGap / 2;
      const double in = bands_[layer(edge.to)].top - kLayerGap / 2;
      line.insert(line.end(), {{line.back().first, out}, {x, out}, {x, in}, {end, in}});
      line.emplace_back(end, top(edge.to));
    } else {
      for (std::uint32_t i = 1; i < span_of(edge); ++i) {
        const std::uint32_t bend = graph_.trunks[graph_.trunk_of[edge.from]].first + i - 1;
        const LayerGraph::Vertex& vertex = graph_.vertices[bend];
        line.emplace_back(vertex.x, bands_[vertex.layer].top);
        line.emplace_back(vertex.x, bands_[vertex.layer].bottom);
      }
      const double end = entry(edge.to, line.back().first);
      line.emplace_back(end, bands_[layer(edge.to)].top);
      line.emplace_back(end, top(edge.to));
    }
    return without_collinear(line);
  }

  /// Points inside a vertical run are left out.
  static Polyline without_collinear(const Polyline& line) {
    Polyline result;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!result.empty() && result.back() == line[i]) continue;
      if (i > 0 && i + 1 < line.size() && !result.empty() && result.back().first == line[i].first &&
          line[i + 1].first == line[i].first) {
        continue;
      }
      result.push_back(line[i]);
    }
    return result;
  }

  std::span<const BoxSize> boxes_;
  std::span<const BoxEdge> edges_;
  LayerGraph graph_;
  std::vector<Band> bands_;
  std::uint32_t longest_span_ = 1;
  std::size_t lanes_ = 0;
  std::vector<std::size_t> lane_of_;  ///< by box, from 1; 0: none yet
  double right_ = 0;
};

}  // namespace

LayeredDrawing draw_layered(std::span<const BoxSize> boxes, std::span<const BoxEdge> edges,
                            std::stop_token stop) {
  if (boxes.empty()) return {};
  return LayeredLayout(boxes, edges).run(stop);
}

}  // namespace nas
