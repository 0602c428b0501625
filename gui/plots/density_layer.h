#pragma once

#include <QImage>
#include <QRect>
#include <optional>
#include <span>

#include "gui/plots/axis_plot.h"

namespace nas {

/// Rows in the units of the scales (`PlotScale::transformed`).
struct DensityRows {
  std::span<const double> x, y;
  std::size_t shown = 0;  ///< with two finite values
};

/// A million rows counted for each pixel, as a picture that moves with the plot: panning shifts it,
/// and counts again only when the view leaves the margin that was counted around it.
class DensityLayer {
 public:
  /// After a change of the rows or of what is chosen.
  void forget() { image_ = QImage(); }
  /// `chosen` rows lie above all others, which step back where several are chosen.
  void draw(QPainter& painter, const PlotFrame& frame, const DensityRows& all,
            const DensityRows& chosen);

 private:
  /// Where the picture holds the visible part, if it does.
  std::optional<QRect> part(const PlotFrame& frame, QSize pixels) const;
  bool sameZoom(const PlotFrame& frame, QSize pixels) const;
  void count(const PlotFrame& frame, QSize pixels, bool margin);
  void paint(const Theme& theme, double ratio, const DensityRows& all, const DensityRows& chosen);

  QImage image_;     ///< null: to be counted
  PlotScale x_, y_;  ///< ranges of the whole picture
  QSize size_;       ///< of the picture
  QSize visible_;    ///< of the plot area that it was counted for
  bool dark_ = false;
};

}  // namespace nas
