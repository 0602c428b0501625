#include <algorithm>
#include <limits>
#include <queue>

#include "core/ir/draw/layered.h"

// x coordinates by sweeps. In each sweep a layer is placed as near as possible to where its
// neighbours in the layer before want it: min sum of weight * |x - wanted| with the separations
// kept. Absolute distances rather than squares make boxes line up exactly, and a main path stays
// straight beside its shortcuts.

namespace nas {
namespace {

constexpr double kBoxGap = 30, kMixedGap = 18, kLineGap = 14;
constexpr int kRounds = 4, kStraightenings = 2;
constexpr double kRounding = 1e-6;
constexpr std::int64_t kSpineWeight = 1'000'000;  ///< more than all others of a layer
constexpr std::int64_t kBoxWeight = 4,
                       kBendWeight = 1;  ///< how much a vertex holds on to its place
constexpr std::int64_t kLineArc = 8, kBoxArc = 3, kMixedArc = 1;  ///< how much an arc pulls

using Layer = std::vector<std::uint32_t>;

struct Wish {
  double x;
  std::int64_t weight;
};

/// Minimises sum weight * |y_i - wish_i| over y_1 <= y_2 <= ...; of several minima the smallest
/// one. Keeps the falling part of the convex cost as a heap of its kinks ("slope trick"), O(n log
/// n).
std::vector<double> isotonic(const std::vector<Wish>& wishes) {
  const auto less = [](const Wish& a, const Wish& b) { return a.x < b.x; };
  std::priority_queue<Wish, std::vector<Wish>, decltype(less)> kinks(less);
  std::vector<double> y(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    kinks.push({wishes[i].x, 2 * wishes[i].weight});
    std::int64_t rising = wishes[i].weight;
    while (rising > 0) {
      Wish top = kinks.top();
      kinks.pop();
      const std::int64_t taken = std::min(rising, top.weight);
      rising -= taken;
      top.weight -= taken;
      if (top.weight > 0) kinks.push(top);
    }
    y[i] = kinks.top().x;
  }
  for (std::size_t i = y.size(); i-- > 1;) y[i - 1] = std::min(y[i - 1], y[i]);
  return y;
}

class Placer {
 public:
  explicit Placer(LayerGraph& graph) : graph_(graph) {}

  void run(const std::stop_token& stop) {
    for (const Layer& layer : graph_.layers) pack(layer);
    for (int round = 0; round < kRounds && !stop.stop_requested(); ++round) {
      sweep_down();
      sweep_up();
    }
    for (int round = 0; round < kStraightenings; ++round) {
      for (std::uint32_t box = 0; box < graph_.trunk_of.size(); ++box) {
        if (graph_.trunk_of[box] == LayerGraph::kNoTrunk) continue;
        straighten(box);
        follow_trunk(box);
      }
    }
  }

 private:
  LayerGraph::Vertex& vertex(std::uint32_t v) { return graph_.vertices[v]; }

  /// Side by side, centred at 0.
  void pack(const Layer& layer) {
    if (layer.empty()) return;
    vertex(layer[0]).x = 0;
    for (std::size_t i = 1; i < layer.size(); ++i) {
      vertex(layer[i]).x =
          vertex(layer[i - 1]).x + separation(vertex(layer[i - 1]), vertex(layer[i]));
    }
    const double centre = vertex(layer.back()).x / 2;
    for (const std::uint32_t v : layer) vertex(v).x -= centre;
  }

  void sweep_down() {
    for (std::size_t i = 1; i < graph_.layers.size(); ++i) place(graph_.layers[i], graph_.above);
  }

  void sweep_up() {
    for (std::size_t i = graph_.layers.size(); i-- > 1;) place(graph_.layers[i - 1], graph_.below);
  }

  Wish wish_of(std::uint32_t v, const std::vector<std::uint32_t>& neighbours) {
    const LayerGraph::Vertex& self = vertex(v);
    if (neighbours.empty()) return {self.x, kBendWeight};
    pulls_.clear();
    std::int64_t total = 0;
    for (const std::uint32_t w : neighbours) {
      if (self.on_spine && vertex(w).on_spine) return {vertex(w).x, kSpineWeight};
      const bool box = vertex(w).is_box;
      const std::int64_t weight = box && self.is_box     ? kBoxArc
                                  : !box && !self.is_box ? kLineArc
                                                         : kMixedArc;
      pulls_.push_back({vertex(w).x, weight});
      total += weight;
    }
    return {median(total), self.is_box ? kBoxWeight : kBendWeight};
  }

  /// The weighted median of pulls_, the middle of the interval when it is not unique.
  double median(std::int64_t total) {
    std::sort(pulls_.begin(), pulls_.end(), [](const Wish& a, const Wish& b) { return a.x < b.x; });
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < pulls_.size(); ++i) {
      sum += pulls_[i].weight;
      if (2 * sum == total) return (pulls_[i].x + pulls_[i + 1].x) / 2;
      if (2 * sum > total) return pulls_[i].x;
    }
    return pulls_.back().x;
  }

  /// The mean of the leftmost and the rightmost optimum, which is an optimum too: symmetric, so
  /// that children stand centred below their parent.
  void place(const Layer& layer, const std::vector<std::vector<std::uint32_t>>& neighbours) {
    if (layer.empty()) return;
    offsets_.assign(layer.size(), 0);
    wishes_.clear();
    for (std::size_t i = 0; i < layer.size(); ++i) {
      if (i > 0) {
        offsets_[i] = offsets_[i - 1] + separation(vertex(layer[i - 1]), vertex(layer[i]));
      }
      Wish wish = wish_of(layer[i], neighbours[layer[i]]);
      wish.x -= offsets_[i];
      wishes_.push_back(wish);
    }
    const std::vector<double> left = isotonic(wishes_);
    std::reverse(wishes_.begin(), wishes_.end());
    for (Wish& wish : wishes_) wish.x = -wish.x;
    const std::vector<double> right = isotonic(wishes_);
    for (std::size_t i = 0; i < layer.size(); ++i) {
      vertex(layer[i]).x = offsets_[i] + (left[i] - right[layer.size() - 1 - i]) / 2;
    }
  }

  struct Room {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
  };

  /// Where a vertex can stand without its layer moving.
  Room room_of(std::uint32_t v) {
    Room room;
    const LayerGraph::Vertex& self = vertex(v);
    const Layer& layer = graph_.layers[self.layer];
    if (self.position > 0) {
      const LayerGraph::Vertex& left = vertex(layer[self.position - 1]);
      room.low = left.x + separation(left, self);
    }
    if (self.position + 1 < layer.size()) {
      const LayerGraph::Vertex& right = vertex(layer[self.position + 1]);
      room.high = right.x - separation(self, right);
    }
    return room;
  }

  /// Nothing below the box but its trunk, so that one line with both looks best.
  bool only_trunk_below(std::uint32_t box) { return graph_.below[box].size() == 1; }

  /// One x for all bends of a trunk, below its box if that has no other reader, if there is room
  /// for it.
  void straighten(std::uint32_t box) {
    const LayerGraph::Trunk trunk = graph_.trunks[graph_.trunk_of[box]];
    Room room;
    std::vector<double> xs;
    for (std::uint32_t v = trunk.first; v < trunk.first + trunk.count; ++v) {
      const Room here = room_of(v);
      room = {std::max(room.low, here.low), std::min(room.high, here.high)};
      xs.push_back(vertex(v).x);
    }
    if (room.low > room.high + kRounding) return;
    const auto middle = xs.begin() + static_cast<std::ptrdiff_t>(xs.size() / 2);
    std::nth_element(xs.begin(), middle, xs.end());
    const double wanted = only_trunk_below(box) ? vertex(box).x : *middle;
    const double x = std::min(std::max(wanted, room.low), room.high);
    for (std::uint32_t v = trunk.first; v < trunk.first + trunk.count; ++v) vertex(v).x = x;
  }

  void follow_trunk(std::uint32_t box) {
    if (vertex(box).on_spine || !only_trunk_below(box)) return;
    const Room room = room_of(box);
    if (room.low > room.high) return;
    const double wanted = vertex(graph_.trunks[graph_.trunk_of[box]].first).x;
    vertex(box).x = std::clamp(wanted, room.low, room.high);
  }

  LayerGraph& graph_;
  std::vector<Wish> pulls_, wishes_;
  std::vector<double> offsets_;
};

}  // namespace

double separation(const LayerGraph::Vertex& left, const LayerGraph::Vertex& right) {
  const double gap = left.is_box && right.is_box   ? kBoxGap
                     : left.is_box || right.is_box ? kMixedGap
                                                   : kLineGap;
  return (left.width + right.width) / 2 + gap;
}

void place_layers(LayerGraph& graph, std::stop_token stop) {
  Placer(graph).run(stop);
}

}  // namespace nas
