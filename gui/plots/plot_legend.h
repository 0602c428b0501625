#pragma once

#include <QColor>
#include <QFont>
#include <QFontMetricsF>
#include <QPointF>
#include <QString>
#include <cstddef>
#include <vector>

#include "gui/base/theme.h"

class QPainter;

namespace nas {

/// How a legend shows its entry.
enum class LegendMark { kShape, kLine, kMarkedLine, kDashed, kBar, kCross, kBox };

/// A series differs from the others by colour and by the shape of its marks.
struct LegendEntry {
  QString name;
  QColor color;
  std::size_t shape = 0;  ///< of `draw_mark`
  LegendMark mark = LegendMark::kShape;
  QColor fill = {};  ///< of a box, whose border has `color`
};

/// Entries beside each other, wrapped into as many rows as they need. Names are cut more the more
/// entries there are; only what does not fit into `most_rows` even then is a number at the end.
class Legend {
 public:
  Legend(std::vector<LegendEntry> entries, const QFontMetricsF& metrics, double width,
         int most_rows);

  int rows() const { return rows_; }
  double width() const { return width_; }  ///< of the longest row
  double rowHeight() const { return row_height_; }
  /// All names as they are written, for tests.
  QStringList names() const;
  /// `at`: where the base line of the first row begins.
  void draw(QPainter& painter, QPointF at, const Theme& theme) const;

 private:
  struct Placed {
    LegendEntry entry;
    QString name;
    double x;
    int row;
  };
  void place(const std::vector<LegendEntry>& entries, const QFontMetricsF& metrics, double width,
             double most_name);

  std::vector<Placed> placed_;
  int rows_ = 0;
  double width_ = 0, row_height_ = 0;
};

/// Title and legend of a plot: beside each other where there is room, else the legend below.
class PlotHeader {
 public:
  PlotHeader(const QString& title, std::vector<LegendEntry> entries, const QFont& font,
             QSizeF plot);
  double height() const;  ///< where the plot begins
  const Legend& legend() const { return legend_; }
  void draw(QPainter& painter, const Theme& theme) const;

 private:
  QString title_;
  QFont title_font_;
  Legend legend_;
  bool beside_;
  double title_width_;
};

}  // namespace nas
