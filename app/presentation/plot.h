#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/util/interval.h"

namespace nas {

struct PlotPoint {
  double x = 0, y = 0;
  std::string label;  ///< tooltip
  /// Where the value may lie: bars through the mark, cut at the frame.
  std::optional<Interval> x_interval{}, y_interval{};
};

/// kFront: a Pareto front in order of x, a staircase with dots (`front_corner`).
enum class PlotMark { kDots, kLine, kSteps, kLineAndDots, kFaintDots, kHollowDots, kFront };

/// The corner of a staircase between two neighbours of a Pareto front in order of x: both values
/// are worse there, so that everything behind the line is dominated. For values and for pixels.
inline std::pair<double, double> front_corner(std::pair<double, double> before,
                                              std::pair<double, double> after, bool maximize_x) {
  return maximize_x ? std::pair(before.first, after.second) : std::pair(after.first, before.second);
}

struct PlotBand {
  double x = 0, low = 0, high = 0;
};

struct PlotSeries {
  std::string name;               ///< legend; "" = none
  std::vector<PlotPoint> points;  ///< non-finite points are skipped
  PlotMark mark = PlotMark::kDots;
  /// A faint area behind the points, from left to right (quantiles); non-finite parts are skipped.
  std::vector<PlotBand> band{};
  bool maximize_x = false;  ///< of a front: larger x is better
};

struct PlotLine {  ///< a constraint
  double value = 0;
  bool vertical = true;  ///< at x = value, else at y = value
  std::string label;
};

struct PlotAxis {
  std::string title;         ///< with unit: "parameters", "latency (ms)"
  bool logarithmic = false;  ///< ignored when a value is not positive
  bool whole = false;        ///< counts: ticks only at whole numbers
};

struct Plot {
  std::string title;
  PlotAxis x, y;
  std::vector<PlotSeries> series;
  std::vector<PlotLine> lines;
  std::string note;  ///< small text below
  int width = 720, height = 440;
};

/// A stand-alone SVG: nice ticks, grid, legend, light and dark by prefers-color-scheme, colours and
/// mark shapes that stay apart for the colour-blind (Okabe and Ito 2008), all text escaped.
/// Deterministic.
std::string render_svg(const Plot& plot);

}  // namespace nas
