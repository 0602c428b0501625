#pragma once

#include <QImage>
#include <QSize>
#include <cstdint>
#include <span>
#include <vector>

#include "app/presentation/plot_scale.h"
#include "gui/base/theme.h"

namespace nas {

/// How many rows fall on each pixel of a plot area. One pass over the columns, no allocation for
/// each row: a million rows in about 10 ms.
class DensityGrid {
 public:
  DensityGrid(QSize pixels, const PlotScale& x, const PlotScale& y);

  /// Counts the rows, given in the units of the scales (`PlotScale::transformed`); with a mask only
  /// those where it is 1. Rows outside of the range do not count.
  void add(std::span<const double> x, std::span<const double> y,
           std::span<const std::uint8_t> mask = {});
  std::uint32_t largest() const;
  std::uint32_t at(int x, int y) const;
  /// Grows every dot to a small disc, so that lone rows stay visible.
  void spread(int radius);

  /// Colours by the logarithm of the count; transparent where there is no row.
  QImage image(const Theme& theme) const;
  QImage image(QColor color) const;  ///< in one colour

 private:
  QSize pixels_;
  const PlotScale& x_;
  const PlotScale& y_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace nas
