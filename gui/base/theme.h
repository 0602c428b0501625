#pragma once

#include <QColor>
#include <QPalette>
#include <array>
#include <cstddef>

#include "app/presentation/series_colours.h"

namespace nas {

/// The colours of everything we draw ourselves. Series colours are `kSeriesColours`, those of the
/// plots that nasctl writes; series should differ in the shape of their marks as well.
struct Theme {
  bool dark = false;
  QColor background;  ///< of plots, graphs and pages
  QColor surface;     ///< of nodes, tooltips and cards on the background
  QColor text;
  QColor muted;  ///< secondary text
  QColor grid;
  QColor axis;
  QColor accent;     ///< links, focus, the current row
  QColor selection;  ///< marks of selected rows
  QColor hover;      ///< the mark under the pointer
  QColor bound;      ///< constraint lines
  QColor warning;
  std::array<QColor, kSeriesColours.size()> series;

  const QColor& seriesColor(std::size_t index) const { return series[index % series.size()]; }
  /// A perceptually even ramp from `at` = 0 to 1 (viridis); NaN gives `muted`.
  QColor ramp(double at) const;

  static Theme light();
  static Theme darkTheme();
  /// The one that fits the palette of a widget: follows the desktop.
  static Theme of(const QPalette& palette);
};

/// Whether a palette has light text on dark ground.
bool isDark(const QPalette& palette);

/// A whole palette in our colours, for pictures that do not depend on the desktop.
QPalette themePalette(const Theme& theme);

}  // namespace nas
