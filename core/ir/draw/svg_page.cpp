#include "core/ir/draw/svg_page.h"

#include <algorithm>
#include <cmath>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kMargin = 24, kMinWidth = 460, kLegendStep = 14, kLine = 18;
constexpr double kLetter = 6.4;  ///< average width at 12 px

std::string point(double x, double y) {
  return svg_px(x) + ' ' + svg_px(y);
}

double legend_item_width(const FamilyColours& style) {
  return 20 + kLetter * static_cast<double>(style.name.size()) + kLegendStep;
}

double legend_width(std::span<const FamilyColours* const> legend) {
  double width = 0;
  for (const FamilyColours* style : legend) width += legend_item_width(*style);
  return width;
}

/// Lines of at most `most` characters, broken after blanks and the signs between the parts of an
/// architecture, else anywhere.
void break_into(std::vector<std::string>& lines, std::string text, std::size_t most) {
  while (text.size() > most) {
    std::size_t cut = text.find_last_of(" |+,;)", most - 1);
    cut = cut == std::string::npos || cut < most / 2 ? most : cut + 1;
    while (cut > 1 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    lines.push_back(text.substr(0, cut));
    text.erase(0, cut);
  }
  lines.push_back(std::move(text));
}

std::string rules(std::span<const FamilyColours* const> legend, bool dark) {
  std::string css;
  for (const FamilyColours* style : legend) {
    css += "." + std::string(style->css) +
           "{fill:" + std::string(dark ? style->dark_fill : style->fill) +
           ";stroke:" + std::string(dark ? style->dark_stroke : style->stroke) + "}\n";
  }
  return css +
         (dark ? ".page{fill:#14181d}\n.head,.label{fill:#f1f3f5}\n.info,.detail{fill:#b4bdc7}\n"
                 ".edge{stroke:#7d8894}\n.tip{fill:#7d8894}\n"
               : ".page{fill:#ffffff}\n.head,.label{fill:#1b2733}\n.info,.detail{fill:#4a5763}\n"
                 ".edge{stroke:#8593a0}\n.tip{fill:#8593a0}\n");
}

std::string style_sheet(std::span<const FamilyColours* const> legend) {
  return "<style>\ntext{font-family:Inter,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
         ".head{font-size:16px;font-weight:600}\n.info{font-size:12px}\n"
         ".label{font-size:12.5px;font-weight:600;text-anchor:middle}\n"
         ".detail{font-size:10.5px;text-anchor:middle}\n"
         ".edge{fill:none;stroke-width:1.3}\n.dotted{stroke-dasharray:2 3}\n"
         ".box{stroke-width:1.3}\n.othe{stroke-dasharray:4 3}\n" +
         rules(legend, false) + "@media (prefers-color-scheme:dark){\n" + rules(legend, true) +
         "}\n</style>\n";
}

std::string legend_row(std::span<const FamilyColours* const> legend, double y) {
  std::string svg;
  double x = kMargin;
  for (const FamilyColours* style : legend) {
    svg += svg_rect({x, y - 11, 13, 13, 3}, style->css) + "<text class=\"info\" x=\"" +
           svg_px(x + 19) + "\" y=\"" + svg_px(y) + "\">" + std::string(style->name) + "</text>\n";
    x += legend_item_width(*style);
  }
  return svg;
}

}  // namespace

std::string svg_px(double value) {
  return format_double(std::round(value * 10) / 10 + 0.0);
}

std::string svg_text(std::string_view text) {
  return escape_xml(printable(text));
}

std::string svg_rect(const SvgBox& box, std::string_view css) {
  return "<rect class=\"box " + std::string(css) + "\" x=\"" + svg_px(box.x) + "\" y=\"" +
         svg_px(box.y) + "\" width=\"" + svg_px(box.width) + "\" height=\"" + svg_px(box.height) +
         "\" rx=\"" + svg_px(box.radius) + "\"/>";
}

std::string svg_arrow(std::span<const std::pair<double, double>> points, bool across, bool dotted) {
  std::string path = "M" + point(points[0].first, points[0].second);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto [x0, y0] = points[i - 1];
    const auto [x1, y1] = points[i];
    if (x0 == x1 || y0 == y1) {
      path += 'L' + point(x1, y1);
      continue;
    }
    const double x = (x0 + x1) / 2, y = (y0 + y1) / 2;
    path += 'C' + (across ? point(x, y0) + ' ' + point(x, y1) : point(x0, y) + ' ' + point(x1, y)) +
            ' ' + point(x1, y1);
  }
  return std::string("<path class=\"edge") + (dotted ? " dotted" : "") +
         "\" marker-end=\"url(#tip)\" d=\"" + path + "\"/>\n";
}

std::string svg_page(const SvgHeading& heading, std::span<const FamilyColours* const> legend,
                     double width, double height, const std::string& drawing) {
  const double page = std::max({width, kMinWidth, legend_width(legend) + 2 * kMargin});
  const auto most = static_cast<std::size_t>((page - 2 * kMargin) / kLetter);
  std::vector<std::string> lines;
  for (const std::string& line : heading.lines) {
    if (!line.empty()) break_into(lines, printable(line), most);
  }
  std::string head;
  double y = 30;
  head += "<text class=\"head\" x=\"24\" y=\"30\">" + svg_text(heading.title) + "</text>\n";
  y += 2;
  for (const std::string& line : lines) {
    y += kLine;
    head += "<text class=\"info\" x=\"24\" y=\"" + svg_px(y) + "\">" + svg_text(line) + "</text>\n";
  }
  if (!legend.empty()) {
    y += kLine + 6;
    head += legend_row(legend, y);
  }
  const double top = y + 10;
  const std::string size = svg_px(page) + "\" height=\"" + svg_px(top + height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
         svg_px(page) + ' ' + svg_px(top + height) + "\" role=\"img\">\n<title>" +
         svg_text(heading.title) + "</title>\n" + style_sheet(legend) +
         "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7.4\" refY=\"4\" markerWidth=\"7\" "
         "markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" d=\"M0 .6L8 4L0 7.4z\"/></marker>"
         "</defs>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n" +
         head + "<g transform=\"translate(" + svg_px((page - width) / 2) + ' ' + svg_px(top) +
         ")\">\n" + drawing + "</g>\n</svg>\n";
}

}  // namespace nas
