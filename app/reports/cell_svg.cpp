#include "app/reports/cell_svg.h"

#include <algorithm>
#include <vector>

#include "app/reports/cell_sketch.h"
#include "core/ir/draw/layered.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Kind = CellSketch::Kind;

constexpr double kHeight = 28, kPlace = 24, kMargin = 24, kBetween = 26, kTitle = 22;
constexpr double kLetter = 7.4;  ///< of a label

constexpr FamilyColours kQuiet{
    OpFamily::kPort, "port", "input, output, sum", "#e9ecef", "#495057", "#343a40", "#adb5bd"};

const FamilyColours& style_of(const CellSketch::Vertex& vertex) {
  if (vertex.kind != Kind::kOperation) return kQuiet;
  return colours_of(family_named(vertex.name));
}

/// A cell laid out from left to right.
struct Drawing {
  std::string svg;
  double width = 0, height = 0;
};

Drawing draw(const CellSketch& sketch, double top) {
  // Laid out from top to bottom and turned by 90 degrees.
  std::vector<BoxSize> sizes;
  for (const CellSketch::Vertex& vertex : sketch.vertices) {
    const double text = kLetter * static_cast<double>(vertex.name.size()) + 22;
    sizes.push_back(vertex.kind == Kind::kPlace ? BoxSize{kPlace, kPlace}
                                                : BoxSize{kHeight, std::max(44.0, text)});
  }
  std::vector<BoxEdge> edges;
  for (const auto& [from, to] : sketch.edges) edges.push_back({from, to});
  LayeredDrawing laid = draw_layered(sizes, edges, {});
  const double title = sketch.title.empty() ? 0 : kTitle;
  Drawing drawing{"", laid.height, laid.width + title};
  if (title > 0) {
    drawing.svg += "<text class=\"info\" x=\"" + svg_px(kMargin) + "\" y=\"" + svg_px(top + 12) +
                   "\">" + svg_text(sketch.title) + " cell</text>\n";
  }
  for (std::size_t i = 0; i < laid.routes.size(); ++i) {
    Polyline route = laid.routes[i];
    if (route.empty()) continue;
    for (auto& [x, y] : route) {
      std::swap(x, y);
      y += top + title;
    }
    const auto& [from, to] = sketch.edges[i];
    drawing.svg += svg_arrow(
        route, true, passes_nothing(sketch.vertices[from]) || passes_nothing(sketch.vertices[to]));
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const CellSketch::Vertex& vertex = sketch.vertices[i];
    const auto [x, y] = laid.corners[i];
    const SvgBox box{y, x + top + title, sizes[i].height, sizes[i].width,
                     vertex.kind == Kind::kPlace ? kPlace / 2 : 7};
    drawing.svg += "<g>" + svg_rect(box, style_of(vertex).css) + "<text class=\"label\" x=\"" +
                   svg_px(box.x + box.width / 2) + "\" y=\"" +
                   svg_px(box.y + box.height / 2 + 4.4) + "\">" + svg_text(vertex.name) +
                   "</text></g>\n";
  }
  return drawing;
}

std::vector<const FamilyColours*> legend_of(const std::vector<CellSketch>& sketches) {
  std::vector<const FamilyColours*> legend;
  const auto use = [&](const FamilyColours& style) {
    for (const CellSketch& sketch : sketches) {
      for (const CellSketch::Vertex& vertex : sketch.vertices) {
        if (&style_of(vertex) != &style) continue;
        legend.push_back(&style);
        return;
      }
    }
  };
  use(kQuiet);
  for (const FamilyColours& style : kFamilyColours) use(style);
  return legend;
}

}  // namespace

std::string cells_svg(const SearchSpace& space, const Architecture& architecture,
                      SvgHeading heading) {
  const std::vector<CellSketch> sketches = cell_sketches(space, architecture);
  if (sketches.empty()) {
    throw Error(ErrorKind::kUsage, "space '" + space.info().name +
                                       "' has no cell; --folded draws the network's parts");
  }
  std::string drawing;
  double width = 0, top = 8;
  for (const CellSketch& sketch : sketches) {
    const Drawing cell = draw(sketch, top);
    drawing += cell.svg;
    width = std::max(width, cell.width);
    top += cell.height + kBetween;
  }
  heading.title += sketches.size() == 1 ? ", cell" : ", cells";
  return svg_page(heading, legend_of(sketches), width, top, drawing);
}

}  // namespace nas
