#include <algorithm>

#include "core/ir/cost.h"
#include "core/ir/draw/layout.h"
#include "core/ir/draw/op_colours.h"
#include "core/ir/draw/svg_page.h"
#include "core/util/text.h"

namespace nas {
namespace {

const FamilyColours& style_of(const ArchGraph& graph, const LayoutBox& box) {
  return box.group ? kGroupColours : colours_of(graph.op(box.members.front()).family);
}

std::vector<const FamilyColours*> used_styles(const ArchGraph& graph, const Layout& layout) {
  std::vector<const FamilyColours*> used;
  const auto use = [&](const FamilyColours& style) {
    if (std::any_of(layout.boxes.begin(), layout.boxes.end(),
                    [&](const LayoutBox& box) { return &style_of(graph, box) == &style; })) {
      used.push_back(&style);
    }
  };
  for (const FamilyColours& style : kFamilyColours) use(style);
  use(kGroupColours);
  return used;
}

/// Of a graph that nothing else is known of.
SvgHeading own_heading(const ArchGraph& graph) {
  const GraphCost cost = graph_cost(graph);
  return {"Architecture",
          {format_count(cost.params) + " parameters · " + format_count(cost.macs) +
           " MACs · peak activations " + format_bytes(activation_memory(graph).peak_bytes)}};
}

std::string size_text(const ArchGraph& graph, const Layout& layout) {
  std::string text = format_count(static_cast<std::int64_t>(graph.size())) + " operations";
  if (layout.boxes.size() != graph.size()) {
    text += " in " + std::to_string(layout.boxes.size()) + " boxes";
  }
  return text;
}

std::string box_svg(const ArchGraph& graph, const LayoutBox& box) {
  const FamilyColours& style = style_of(graph, box);
  std::string svg =
      "<g><title>" + svg_text(box.group ? box.scope : graph.path(box.members.front())) + "</title>";
  const SvgBox place{box.x, box.y, box.width, box.height};
  if (box.group) {  // a second sheet: there is more inside
    svg += svg_rect({box.x + 3, box.y + 3, box.width, box.height}, style.css);
  }
  svg += svg_rect(place, style.css);
  const std::string x = svg_px(box.x + box.width / 2);
  const double middle = box.y + box.height / 2;
  svg += "<text class=\"label\" x=\"" + x + "\" y=\"" +
         svg_px(box.detail.empty() ? middle + 4.4 : middle - 3) + "\">" + svg_text(box.label) +
         "</text>";
  if (!box.detail.empty()) {
    svg += "<text class=\"detail\" x=\"" + x + "\" y=\"" + svg_px(middle + 12) + "\">" +
           svg_text(box.detail) + "</text>";
  }
  return svg + "</g>\n";
}

}  // namespace

std::string to_svg(const ArchGraph& graph, const LayoutOptions& options) {
  return to_svg(graph, options, own_heading(graph));
}

std::string to_svg(const ArchGraph& graph, const LayoutOptions& options, const SvgHeading& given) {
  const Layout layout = layout_graph(graph, options);
  SvgHeading heading = given;
  heading.title += ", " + size_text(graph, layout);
  std::string drawing;
  for (const LayoutEdge& edge : layout.edges) drawing += svg_arrow(edge.points);
  for (const LayoutBox& box : layout.boxes) drawing += box_svg(graph, box);
  return svg_page(heading, used_styles(graph, layout), layout.width, layout.height, drawing);
}

}  // namespace nas
