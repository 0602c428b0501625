#include "app/presentation/plot.h"

#include <algorithm>
#include <cmath>

#include "app/presentation/plot_axis.h"
#include "app/presentation/plot_scale.h"
#include "app/presentation/series_colours.h"
#include "core/util/text.h"

namespace nas {
namespace {

// Lines beyond the last colour repeat the colours, dashed.
constexpr std::size_t kColours = kSeriesColours.size();

constexpr double kLeft = 76;
constexpr double kRight = 24;
constexpr double kTop = 48;
constexpr double kBottom = 58;
constexpr double kLegendRow = 20;
constexpr double kLetter = 6.9;  ///< average width of a letter of 12 px

/// Pixels with at most one decimal: small files, stable between machines.
std::string px(double value) {
  return format_short(std::round(value * 10) / 10 + 0.0, 6);
}

std::string style() {
  std::string text =
      "<style>\n"
      "text{font-family:Inter,'DejaVu Sans',Helvetica,Arial,sans-serif;font-size:12px;fill:#333}\n"
      ".title{font-size:15px;font-weight:600;fill:#111}.muted{fill:#666}\n"
      ".back{fill:#fff}.grid{stroke:#e4e4e4}.axis{stroke:#888}\n"
      ".bar{stroke-width:1.2;stroke-opacity:0.75}.hollow{fill:none;stroke-width:1.2}.bound{stroke:#"
      "777;stroke-dasharray:5 "
      "4}.line{fill:none;stroke-width:2;"
      "stroke-linejoin:round}.d1{stroke-dasharray:7 4}.d2{stroke-dasharray:2 3}\n";
  const auto colours = [&text](const char* SeriesColour::*ground) {
    for (std::size_t i = 0; i < kColours; ++i) {
      const std::string n = std::to_string(i), colour = kSeriesColours[i].*ground;
      text += ".f" + n + "{fill:" + colour + "}.s" + n + "{stroke:" + colour + "}\n";
    }
  };
  colours(&SeriesColour::light);
  text +=
      "@media (prefers-color-scheme:dark){\n"
      "text{fill:#ccc}.title{fill:#eee}.muted{fill:#999}\n"
      ".back{fill:#16181c}.grid{stroke:#30343b}.axis{stroke:#777}.bound{stroke:#aaa}\n";
  colours(&SeriesColour::dark);
  return text + "}\n</style>\n";
}

/// Shapes differ besides colours: circle, square, triangle, diamond.
std::string marker(std::size_t series, double x, double y, double radius) {
  const double r = radius;
  switch (series % 4) {
    case 0:
      return "<circle cx=\"" + px(x) + "\" cy=\"" + px(y) + "\" r=\"" + px(r) + "\"";
    case 1:
      return "<rect x=\"" + px(x - r) + "\" y=\"" + px(y - r) + "\" width=\"" + px(2 * r) +
             "\" height=\"" + px(2 * r) + "\"";
    case 2:
      return "<path d=\"M" + px(x) + " " + px(y - 1.3 * r) + "L" + px(x + 1.2 * r) + " " +
             px(y + r) + "L" + px(x - 1.2 * r) + " " + px(y + r) + "Z\"";
    default:
      return "<path d=\"M" + px(x) + " " + px(y - 1.4 * r) + "L" + px(x + 1.4 * r) + " " + px(y) +
             "L" + px(x) + " " + px(y + 1.4 * r) + "L" + px(x - 1.4 * r) + " " + px(y) + "Z\"";
  }
}

bool finite(const PlotPoint& point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

bool finite(const PlotBand& part) {
  return std::isfinite(part.x) && std::isfinite(part.low) && std::isfinite(part.high);
}

bool draws_line(PlotMark mark) {
  return mark == PlotMark::kLine || mark == PlotMark::kSteps || mark == PlotMark::kLineAndDots ||
         mark == PlotMark::kFront;
}

/// A title cut so that it stays inside `width_px`: about 8.5 px a character at 15 px.
std::string fitted(const std::string& title, double width_px) {
  const auto most = static_cast<std::size_t>(std::max(width_px / 8.5, 8.0));
  if (title.size() <= most) return title;
  std::size_t cut = most - 3;
  while (cut > 0 && (static_cast<unsigned char>(title[cut]) & 0xC0) == 0x80) --cut;  // UTF-8
  return title.substr(0, cut) + "...";
}

/// Lines that share a colour differ in their dashes.
std::string line_class(std::size_t series) {
  const std::size_t dashes = std::min<std::size_t>(series / kColours, 2);
  return "line s" + std::to_string(series % kColours) +
         (dashes > 0 ? " d" + std::to_string(dashes) : "");
}

/// The class of a mark: filled, or an outline that stands back.
std::string mark_class(PlotMark mark, const std::string& colour) {
  return mark == PlotMark::kHollowDots ? " class=\"hollow s" + colour + "\""
                                       : " class=\"f" + colour + "\"";
}

/// Falls back to linear where some value is not positive.
PlotScale scale_of(const PlotAxis& axis, const std::vector<double>& values) {
  PlotScale scale;
  scale.setCounted(axis.whole);
  scale.setData(values);
  const bool positive = std::none_of(values.begin(), values.end(), [](double v) { return v <= 0; });
  scale.setLogarithmic(axis.logarithmic && positive);
  return scale;
}

bool draws_dots(PlotMark mark) {
  return mark != PlotMark::kLine && mark != PlotMark::kSteps;
}

class Renderer {
 public:
  explicit Renderer(const Plot& plot)
      : plot_(plot),
        legend_rows_(lay_legend()),
        left_(kLeft),
        right_(plot.width - kRight),
        top_(kTop + kLegendRow * static_cast<double>(legend_rows_)),
        bottom_(plot.height - kBottom - (plot.note.empty() ? 0 : 16)),
        x_(scale_of(plot.x, values(true))),
        y_(scale_of(plot.y, values(false))) {}

  std::string run() {
    const std::string size =
        "width=\"" + std::to_string(plot_.width) + "\" height=\"" + std::to_string(plot_.height);
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + "\" viewBox=\"0 0 " +
           std::to_string(plot_.width) + " " + std::to_string(plot_.height) +
           "\" role=\"img\">\n<title>" + escape_xml(printable(plot_.title)) + "</title>\n" +
           style() + "<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n";
    text(left_, 28, "class=\"title\"", fitted(plot_.title, right_ - left_));
    draw_legend();
    draw_axes();
    for (const PlotLine& line : plot_.lines) draw_bound(line);
    for (std::size_t i = 0; i < plot_.series.size(); ++i) draw_band(i);
    for (std::size_t i = 0; i < plot_.series.size(); ++i) draw_series(i);
    if (!plot_.note.empty()) text(left_, plot_.height - 12, "class=\"muted\"", plot_.note);
    return out_ + "</svg>\n";
  }

 private:
  std::vector<double> values(bool horizontal) const {
    std::vector<double> result;
    for (const PlotSeries& series : plot_.series) {
      for (const PlotPoint& point : series.points) {
        if (finite(point)) result.push_back(horizontal ? point.x : point.y);
      }
      for (const PlotBand& part : series.band) {
        if (!finite(part)) continue;
        result.push_back(horizontal ? part.x : part.low);
        result.push_back(horizontal ? part.x : part.high);
      }
    }
    for (const PlotLine& line : plot_.lines) {
      if (line.vertical == horizontal) result.push_back(line.value);
    }
    return result;
  }

  struct LegendEntry {
    std::size_t series;
    double x;
    std::size_t row;
  };

  std::size_t lay_legend() {
    double x = kLeft;
    std::size_t row = 0;
    for (std::size_t i = 0; i < plot_.series.size(); ++i) {
      if (plot_.series[i].name.empty()) continue;
      const double width = 30 + kLetter * static_cast<double>(plot_.series[i].name.size());
      if (x > kLeft && x + width > plot_.width - kRight) {
        x = kLeft;
        ++row;
      }
      legend_.push_back({i, x, row});
      x += width + 14;
    }
    return legend_.empty() ? 0 : row + 1;
  }

  void text(double x, double y, const std::string& attributes, const std::string& content) {
    out_ += "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" " + attributes + ">" +
            escape_xml(printable(content)) + "</text>\n";
  }

  void line(double x1, double y1, double x2, double y2, const std::string& name) {
    out_ += "<line x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" +
            px(y2) + "\" class=\"" + name + "\"/>\n";
  }

  void draw_legend() {
    for (const LegendEntry& entry : legend_) {
      const PlotSeries& series = plot_.series[entry.series];
      const std::string colour = std::to_string(entry.series % kColours);
      const double y = kTop + kLegendRow * static_cast<double>(entry.row);
      if (draws_line(series.mark)) {
        line(entry.x, y, entry.x + 20, y, line_class(entry.series));
      }
      if (draws_dots(series.mark)) {
        out_ += marker(entry.series, entry.x + 10, y, 4) + mark_class(series.mark, colour) + "/>\n";
      }
      text(entry.x + 26, y + 4, "", series.name);
    }
  }

  double at_x(double value) const { return left_ + x_.share(value) * (right_ - left_); }
  double at_y(double value) const { return bottom_ + y_.share(value) * (top_ - bottom_); }

  void draw_axes() {
    const auto across = x_.ticks(std::max(2, static_cast<int>((right_ - left_) / 90)));
    const std::vector<std::string> labels_x = tick_labels(across);
    for (std::size_t i = 0; i < across.size(); ++i) {
      const double x = at_x(across[i]);
      line(x, top_, x, bottom_, "grid");
      text(x, bottom_ + 18, "text-anchor=\"middle\"", labels_x[i]);
    }
    const auto upward = y_.ticks(std::max(2, static_cast<int>((bottom_ - top_) / 50)));
    const std::vector<std::string> labels_y = tick_labels(upward);
    for (std::size_t i = 0; i < upward.size(); ++i) {
      const double y = at_y(upward[i]);
      line(left_, y, right_, y, "grid");
      text(left_ - 8, y + 4, "text-anchor=\"end\"", labels_y[i]);
    }
    line(left_, bottom_, right_, bottom_, "axis");
    line(left_, top_, left_, bottom_, "axis");
    text((left_ + right_) / 2, bottom_ + 40, "text-anchor=\"middle\"", plot_.x.title);
    const std::string middle = px((top_ + bottom_) / 2);
    text(18, (top_ + bottom_) / 2,
         "text-anchor=\"middle\" transform=\"rotate(-90 18 " + middle + ")\"", plot_.y.title);
  }

  void draw_bound(const PlotLine& bound) {
    if (!std::isfinite(bound.value)) return;
    if (bound.vertical) {
      const double x = at_x(bound.value);
      line(x, top_, x, bottom_, "bound");
      // The label stays inside the plot on whichever side has room.
      const bool flip = x + kLetter * static_cast<double>(bound.label.size()) + 8 > right_;
      text(x + (flip ? -5 : 5), top_ + 13,
           flip ? "class=\"muted\" text-anchor=\"end\"" : "class=\"muted\"", bound.label);
    } else {
      const double y = at_y(bound.value);
      line(left_, y, right_, y, "bound");
      text(right_ - 5, y - 5, "class=\"muted\" text-anchor=\"end\"", bound.label);
    }
  }

  void draw_band(std::size_t index) {
    std::string upper, lower;  // the lower edge runs back
    for (const PlotBand& part : plot_.series[index].band) {
      if (!finite(part)) continue;
      const std::string x = px(at_x(part.x));
      upper += (upper.empty() ? "M" : "L") + x + " " + px(at_y(part.high));
      lower = "L" + x + " " + px(at_y(part.low)) + lower;
    }
    if (upper.empty()) return;
    out_ += "<path d=\"" + upper + lower + "Z\" class=\"f" + std::to_string(index % kColours) +
            "\" fill-opacity=\"0.16\"/>\n";
  }

  /// A bar with ends from one pixel to another, along x or along y.
  void bar(double from, double to, double across, bool horizontal, const std::string& name) {
    constexpr double kEnd = 3;
    const auto stroke = [&](double a, double b, double c, double d) {
      horizontal ? line(a, b, c, d, name) : line(b, a, d, c, name);
    };
    stroke(from, across, to, across);
    for (const double end : {from, to}) stroke(end, across - kEnd, end, across + kEnd);
  }

  /// A pixel inside of the frame; what has no place on a logarithmic axis lies at its low end.
  static double inside(double at, double first, double last, double low_end) {
    return std::isnan(at) ? low_end : std::clamp(at, first, last);
  }

  void draw_intervals(const PlotPoint& point, const std::string& colour) {
    const std::string name = "bar s" + colour;
    if (const auto& interval = point.x_interval) {
      bar(inside(at_x(interval->low), left_, right_, left_),
          inside(at_x(interval->high), left_, right_, left_), at_y(point.y), true, name);
    }
    if (const auto& interval = point.y_interval) {
      bar(inside(at_y(interval->low), top_, bottom_, bottom_),
          inside(at_y(interval->high), top_, bottom_, bottom_), at_x(point.x), false, name);
    }
  }

  void draw_series(std::size_t index) {
    const PlotSeries& series = plot_.series[index];
    const std::string colour = std::to_string(index % kColours);
    if (draws_line(series.mark)) {
      const bool stairs = series.mark == PlotMark::kSteps || series.mark == PlotMark::kFront;
      const bool from_left = series.mark == PlotMark::kFront && series.maximize_x;
      std::string path;
      std::pair<double, double> last;
      for (const PlotPoint& point : series.points) {
        if (!finite(point)) continue;
        const std::pair at(at_x(point.x), at_y(point.y));
        if (!path.empty() && stairs) {
          const auto [x, y] = front_corner(last, at, from_left);
          path += "L" + px(x) + " " + px(y);
        }
        path += (path.empty() ? "M" : "L") + px(at.first) + " " + px(at.second);
        last = at;
      }
      if (!path.empty()) out_ += "<path d=\"" + path + "\" class=\"" + line_class(index) + "\"/>\n";
    }
    if (!draws_dots(series.mark)) return;
    const bool faint = series.mark == PlotMark::kFaintDots;
    const bool small = faint || series.mark == PlotMark::kHollowDots;
    for (const PlotPoint& point : series.points) {
      if (finite(point)) draw_intervals(point, colour);
    }
    for (const PlotPoint& point : series.points) {
      if (!finite(point)) continue;
      out_ += marker(index, at_x(point.x), at_y(point.y), small ? 3 : 4.2) +
              mark_class(series.mark, colour) + (faint ? " fill-opacity=\"0.45\"" : "");
      out_ += point.label.empty() ? "/>\n"
                                  : "><title>" + escape_xml(printable(point.label)) + "</title>" +
                                        (index % 4 == 0   ? "</circle>"
                                         : index % 4 == 1 ? "</rect>"
                                                          : "</path>") +
                                        "\n";
    }
  }

  const Plot& plot_;
  std::vector<LegendEntry> legend_;
  std::size_t legend_rows_;
  double left_, right_, top_, bottom_;
  PlotScale x_, y_;
  std::string out_;
};

}  // namespace

std::string render_svg(const Plot& plot) {
  return Renderer(plot).run();
}

}  // namespace nas
