#pragma once

#include <QImage>
#include <cstdint>
#include <span>
#include <vector>

#include "app/presentation/plot_scale.h"
#include "gui/base/theme.h"
#include "gui/plots/plot_data.h"

namespace nas {

/// The height of every row on one axis in 512 steps, kNoLevel where the row has no place on it.
using AxisLevels = std::vector<std::uint16_t>;
constexpr std::uint16_t kLevels = 512, kNoLevel = 0xffff;

/// From the low end up, or down when `inverted`.
AxisLevels axis_levels(const PlotColumn& column, const PlotScale& scale, bool inverted);

/// The colour of a level from 0 to 1: the end of the ramp that melts into the background is left
/// out.
QColor level_color(const Theme& theme, double at);

/// The lines of all rows between two neighbouring axes as the number of lines on each pixel. Rows
/// are first counted by their pair of levels, so that the cost of drawing does not grow with them.
class GapDensity {
 public:
  explicit GapDensity(QSize pixels) : pixels_(pixels.expandedTo({1, 1})) {}
  /// With a mask only the rows where it is 1; with colours (levels) also their mean on each pixel.
  void count(const AxisLevels& left, const AxisLevels& right,
             std::span<const std::uint8_t> mask = {}, const AxisLevels& colors = {});
  /// In one colour; the more lines, the denser (logarithmic). `weak` is the opacity of one line.
  QImage image(QColor color, double weak) const;
  /// In the colours of the mean level. Requires colours in `count`.
  QImage image(const Theme& theme, double weak) const;

 private:
  /// Spreads each line over the height of a level, where neighbouring levels would leave gaps.
  void smooth(std::vector<float>& lines) const;
  template <class ColorOf>
  QImage paint(double weak, const ColorOf& color_of) const;

  QSize pixels_;
  std::vector<float> lines_;
  std::vector<float> levels_;  ///< sum over the lines; empty: not counted
};

}  // namespace nas
