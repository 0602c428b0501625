#include <algorithm>
#include <cmath>

#include "core/ir/cost.h"
#include "core/ir/layout.h"
#include "core/ir/op_colours.h"
#include "core/ir/op_facts.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kHeader = 84, kMinWidth = 460, kLegendStep = 14;

const FamilyColours& style_of(const ArchGraph& graph, const LayoutBox& box) {
  return box.group ? kGroupColours : colours_of(op_facts(graph.op(box.members.front())).family);
}

std::string text_of(std::string_view text) {
  return escape_xml(printable(text));
}

/// Pixels with one decimal.
std::string px(double value) {
  return format_double(std::round(value * 10) / 10);
}

std::string point(double x, double y) {
  return px(x) + ' ' + px(y);
}

class SvgWriter {
 public:
  SvgWriter(const ArchGraph& graph, const Layout& layout)
      : graph_(graph), layout_(layout), legend_(used_styles()) {}

  std::string run() {
    const double width = std::max({layout_.width, kMinWidth, legend_width() + 48});
    const double height = layout_.height + kHeader;
    svg_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + px(width) + "\" height=\"" +
           px(height) + "\" viewBox=\"0 0 " + px(width) + ' ' + px(height) +
           "\" role=\"img\">\n<title>" + text_of(title()) + "</title>\n";
    append_style();
    svg_ +=
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7.4\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" d=\"M0 .6L8 4L0 7.4z\"/></marker>"
        "</defs>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n";
    append_header();
    svg_ += "<g transform=\"translate(" + px((width - layout_.width) / 2) + ' ' + px(kHeader) +
            ")\">\n";
    for (const LayoutEdge& edge : layout_.edges) append_edge(edge);
    for (const LayoutBox& box : layout_.boxes) append_box(box);
    return svg_ + "</g>\n</svg>\n";
  }

 private:
  std::vector<const FamilyColours*> used_styles() const {
    std::vector<const FamilyColours*> used;
    const auto use = [&](const FamilyColours& style) {
      if (std::any_of(layout_.boxes.begin(), layout_.boxes.end(),
                      [&](const LayoutBox& box) { return &style_of(graph_, box) == &style; })) {
        used.push_back(&style);
      }
    };
    for (const FamilyColours& style : kFamilyColours) use(style);
    use(kGroupColours);
    return used;
  }

  static double legend_item_width(const FamilyColours& style) {
    return 20 + 6.4 * static_cast<double>(style.name.size()) + kLegendStep;
  }

  double legend_width() const {
    double width = 0;
    for (const FamilyColours* style : legend_) width += legend_item_width(*style);
    return width;
  }

  std::string title() const {
    std::string text =
        "Architecture, " + format_count(static_cast<std::int64_t>(graph_.size())) + " operations";
    if (layout_.boxes.size() != graph_.size()) {
      text += " in " + std::to_string(layout_.boxes.size()) + " boxes";
    }
    return text;
  }

  void append_rules(bool dark) {
    const auto rule = [&](const FamilyColours& style) {
      svg_ += '.';
      svg_ += style.css;
      svg_ += "{fill:";
      svg_ += dark ? style.dark_fill : style.fill;
      svg_ += ";stroke:";
      svg_ += dark ? style.dark_stroke : style.stroke;
      svg_ += "}\n";
    };
    for (const FamilyColours* style : legend_) rule(*style);
    svg_ += dark ? ".page{fill:#14181d}\n.head,.label{fill:#f1f3f5}\n.info,.detail{fill:#b4bdc7}\n"
                   ".edge{stroke:#7d8894}\n.tip{fill:#7d8894}\n"
                 : ".page{fill:#ffffff}\n.head,.label{fill:#1b2733}\n.info,.detail{fill:#4a5763}\n"
                   ".edge{stroke:#8593a0}\n.tip{fill:#8593a0}\n";
  }

  void append_style() {
    svg_ +=
        "<style>\ntext{font-family:Inter,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
        ".head{font-size:16px;font-weight:600}\n.info{font-size:12px}\n"
        ".label{font-size:12.5px;font-weight:600;text-anchor:middle}\n"
        ".detail{font-size:10.5px;text-anchor:middle}\n"
        ".edge{fill:none;stroke-width:1.3}\n.box{stroke-width:1.3}\n.othe{stroke-dasharray:4 3}\n";
    append_rules(false);
    svg_ += "@media (prefers-color-scheme:dark){\n";
    append_rules(true);
    svg_ += "}\n</style>\n";
  }

  void append_header() {
    const GraphCost cost = graph_cost(graph_);
    svg_ += "<text class=\"head\" x=\"24\" y=\"30\">" + text_of(title()) + "</text>\n";
    svg_ += "<text class=\"info\" x=\"24\" y=\"50\">" + format_count(cost.params) +
            " parameters · " + format_count(cost.macs) + " MACs · activations " +
            text_of(format_bytes(cost.activation_bytes)) + "</text>\n";
    double x = 24;
    for (const FamilyColours* style : legend_) {
      svg_ += "<rect class=\"box " + std::string(style->css) + "\" x=\"" + px(x) +
              "\" y=\"63\" width=\"13\" height=\"13\" rx=\"3\"/><text class=\"info\" x=\"" +
              px(x + 19) + "\" y=\"74\">" + std::string(style->name) + "</text>\n";
      x += legend_item_width(*style);
    }
  }

  /// Vertical and horizontal runs stay straight, the rest become curves with vertical ends.
  void append_edge(const LayoutEdge& edge) {
    std::string path = "M" + point(edge.points[0].first, edge.points[0].second);
    for (std::size_t i = 1; i < edge.points.size(); ++i) {
      const auto [x0, y0] = edge.points[i - 1];
      const auto [x1, y1] = edge.points[i];
      if (x0 == x1 || y0 == y1) {
        path += 'L' + point(x1, y1);
        continue;
      }
      const double middle = (y0 + y1) / 2;
      path += 'C' + point(x0, middle) + ' ' + point(x1, middle) + ' ' + point(x1, y1);
    }
    svg_ += "<path class=\"edge\" marker-end=\"url(#tip)\" d=\"" + path + "\"/>\n";
  }

  void append_rect(const LayoutBox& box, std::string_view css, double shift) {
    svg_ += "<rect class=\"box " + std::string(css) + "\" x=\"" + px(box.x + shift) + "\" y=\"" +
            px(box.y + shift) + "\" width=\"" + px(box.width) + "\" height=\"" + px(box.height) +
            "\" rx=\"7\"/>";
  }

  void append_box(const LayoutBox& box) {
    const FamilyColours& style = style_of(graph_, box);
    svg_ += "<g><title>" + text_of(box.group ? box.scope : graph_.path(box.members.front())) +
            "</title>";
    if (box.group) append_rect(box, style.css, 3);  // a second sheet: there is more inside
    append_rect(box, style.css, 0);
    const std::string x = px(box.x + box.width / 2);
    const double middle = box.y + box.height / 2;
    svg_ += "<text class=\"label\" x=\"" + x + "\" y=\"" +
            px(box.detail.empty() ? middle + 4.4 : middle - 3) + "\">" + text_of(box.label) +
            "</text>";
    if (!box.detail.empty()) {
      svg_ += "<text class=\"detail\" x=\"" + x + "\" y=\"" + px(middle + 12) + "\">" +
              text_of(box.detail) + "</text>";
    }
    svg_ += "</g>\n";
  }

  const ArchGraph& graph_;
  const Layout& layout_;
  const std::vector<const FamilyColours*> legend_;
  std::string svg_;
};

}  // namespace

std::string to_svg(const ArchGraph& graph, const LayoutOptions& options) {
  const Layout layout = layout_graph(graph, options);
  return SvgWriter(graph, layout).run();
}

}  // namespace nas
