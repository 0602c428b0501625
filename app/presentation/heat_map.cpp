#include "app/presentation/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kRow = 14, kGroup = 20, kTop = 44, kLabels = 190, kCells = 520, kMargin = 16;
constexpr std::size_t kMostColumns = 200;

std::string pixels(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

/// From pale yellow over green to dark blue (ColorBrewer YlGnBu): lightness falls all the way.
std::string colour(double share) {
  constexpr std::array<std::array<double, 3>, 5> kStops = {
      {{255, 255, 217}, {199, 233, 180}, {65, 182, 196}, {34, 94, 168}, {8, 29, 88}}};
  const double at = std::clamp(share, 0.0, 1.0) * (kStops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
  const double part = at - static_cast<double>(below);
  char text[16];
  std::array<int, 3> rgb{};
  for (std::size_t i = 0; i < 3; ++i) {
    rgb[i] = static_cast<int>(
        std::lround(kStops[below][i] + part * (kStops[below + 1][i] - kStops[below][i])));
  }
  std::snprintf(text, sizeof text, "#%02x%02x%02x", static_cast<unsigned>(rgb[0]),
                static_cast<unsigned>(rgb[1]), static_cast<unsigned>(rgb[2]));
  return text;
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double share(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

Range range_of(const HeatMap& map) {
  Range range;
  for (const HeatMap::Row& row : map.rows) {
    for (const double value : row.values) {
      if (!std::isfinite(value)) continue;
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  return range;
}

std::string text_at(double x, double y, const char* kind, const std::string& text) {
  return std::string("<text class=\"") + kind + "\" x=\"" + pixels(x) + "\" y=\"" + pixels(y) +
         "\">" + escape_xml(printable(text)) + "</text>\n";
}

class Drawing {
 public:
  explicit Drawing(const HeatMap& map)
      : map_(map),
        range_(range_of(map)),
        columns_(std::min(kMostColumns, map.steps.size())),
        width_(columns_ == 0 ? 0 : kCells / static_cast<double>(columns_)) {}

  std::string svg() {
    body_ += text_at(kMargin, 24, "title", map_.title);
    double y = kTop;
    const std::string* group = nullptr;
    for (const HeatMap::Row& row : map_.rows) {
      if (group == nullptr || *group != row.group) {
        y += kGroup;
        body_ += text_at(kMargin, y - 6, "group", row.group);
        group = &row.group;
      }
      draw_row(row, y);
      y += kRow;
    }
    draw_steps(y + kRow);
    y += 2 * kRow;
    if (std::isfinite(range_.low)) {
      body_ += text_at(kMargin, y + kRow, "label",
                       "pale " + format_short(range_.low) + ", dark " + format_short(range_.high) +
                           (map_.note.empty() ? "" : "; " + map_.note));
    }
    return frame(y + 2 * kRow);
  }

 private:
  /// The last step of a column.
  std::size_t step_of(std::size_t column) const {
    return (column + 1) * map_.steps.size() / columns_ - 1;
  }

  void draw_row(const HeatMap::Row& row, double y) {
    body_ += text_at(kMargin + 12, y + kRow - 3, "label", row.name);
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::size_t step = step_of(column);
      if (step >= row.values.size() || !std::isfinite(row.values[step])) continue;
      body_ += "<rect x=\"" + pixels(kLabels + width_ * static_cast<double>(column)) + "\" y=\"" +
               pixels(y) + "\" width=\"" + pixels(width_ + 0.3) + "\" height=\"" +
               pixels(kRow - 1) + "\" fill=\"" + colour(range_.share(row.values[step])) +
               "\"><title>" +
               escape_xml(printable(row.name + ", " + map_.across + " " +
                                    format_short(map_.steps[step]) + ": " +
                                    format_short(row.values[step]))) +
               "</title></rect>\n";
    }
  }

  void draw_steps(double y) {
    if (columns_ == 0) return;
    body_ += text_at(kLabels, y, "label", map_.across + " " + format_short(map_.steps.front()));
    body_ += "<text class=\"label\" text-anchor=\"end\" x=\"" + pixels(kLabels + kCells) +
             "\" y=\"" + pixels(y) + "\">" + format_short(map_.steps.back()) + "</text>\n";
  }

  std::string frame(double height) const {
    const std::string w = pixels(kLabels + kCells + kMargin), h = pixels(height);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + w + "\" height=\"" + h +
           "\" viewBox=\"0 0 " + w + " " + h +
           "\" font-family=\"sans-serif\">\n<style>text{fill:#212529;font-size:11px}"
           ".title{font-size:15px}.group{font-weight:bold}svg{background:#ffffff}"
           "@media (prefers-color-scheme:dark){text{fill:#e9ecef}svg{background:#1b1e21}}"
           "</style>\n" +
           body_ + "</svg>\n";
  }

  const HeatMap& map_;
  const Range range_;
  const std::size_t columns_;
  const double width_;
  std::string body_;
};

}  // namespace

std::string render_svg(const HeatMap& map) {
  return Drawing(map).svg();
}

}  // namespace nas
