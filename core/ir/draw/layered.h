#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace nas {

// The layered ("Sugiyama") drawing of a plain directed acyclic graph: Sugiyama, Tagawa, Toda
// (1981); sweeps and weights follow Gansner et al., "A Technique for Drawing Directed Graphs"
// (1993).

struct BoxSize {
  double width, height;
};

/// Requires from < to.
struct BoxEdge {
  std::uint32_t from, to;
};

using Polyline = std::vector<std::pair<double, double>>;

struct LayeredDrawing {
  std::vector<std::pair<double, double>> corners;  ///< top left, by box
  std::vector<Polyline> routes;                    ///< by edge, from border to border
  double width = 0, height = 0;
};

LayeredDrawing draw_layered(std::span<const BoxSize> boxes, std::span<const BoxEdge> edges,
                            std::stop_token stop);

/// Boxes and the bends of long edges, each in a layer; arcs join neighbouring layers only. The long
/// edges of a box share one trunk, so that their number does not multiply the bends.
struct LayerGraph {
  struct Vertex {
    double width = 0;
    bool is_box = false;
    bool on_spine = false;  ///< on the one longest path that is drawn as a straight line
    std::uint32_t layer = 0;
    std::uint32_t position = 0;  ///< index in its layer
    double x = 0;                ///< centre
  };
  /// Bends first, first + 1, ... first + count - 1 of one box, top to bottom.
  struct Trunk {
    std::uint32_t first, count;
  };
  std::vector<Vertex> vertices;  ///< the boxes, then the bends
  std::vector<std::vector<std::uint32_t>> layers;
  std::vector<Trunk> trunks;
  std::vector<std::uint32_t> trunk_of;                   ///< by box: index into trunks, or kNoTrunk
  std::vector<std::vector<std::uint32_t>> above, below;  ///< neighbours by vertex

  static constexpr std::uint32_t kNoTrunk = 0xffffffff;
};

/// Orders each layer so that few arcs cross.
void order_layers(LayerGraph& graph, std::stop_token stop);

/// Centres between which two neighbours of a layer do not touch.
double separation(const LayerGraph::Vertex& left, const LayerGraph::Vertex& right);

/// Sets x: the order is kept, neighbours are separated, lines are straight where they can be.
void place_layers(LayerGraph& graph, std::stop_token stop);

}  // namespace nas
