#include "core/ir/draw/layout.h"

#include "core/ir/draw/layered.h"
#include "core/ir/draw/layout_boxes.h"

namespace nas {

Layout layout_graph(const ArchGraph& graph, const LayoutOptions& options, std::stop_token stop) {
  Layout layout = make_boxes(graph, options);
  std::vector<BoxSize> sizes;
  for (const LayoutBox& box : layout.boxes) sizes.push_back({box.width, box.height});
  std::vector<BoxEdge> edges;
  for (const LayoutEdge& edge : layout.edges) edges.push_back({edge.from, edge.to});
  LayeredDrawing drawing = draw_layered(sizes, edges, std::move(stop));
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    layout.boxes[i].x = drawing.corners[i].first;
    layout.boxes[i].y = drawing.corners[i].second;
  }
  for (std::size_t i = 0; i < layout.edges.size(); ++i) {
    layout.edges[i].points = std::move(drawing.routes[i]);
  }
  layout.width = drawing.width;
  layout.height = drawing.height;
  return layout;
}

}  // namespace nas
