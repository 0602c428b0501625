#pragma once

#include <QPointer>
#include <optional>
#include <utility>

#include "gui/plots/canvas.h"
#include "gui/plots/parallel_lines.h"

namespace nas {

/// Parallel coordinates: an axis for each column and a line for each row. Dragging on an axis
/// brushes: the rows that pass all brushes become the selection. Dragging a name reorders, a
/// double click on it inverts. Left and Right choose an axis, with Ctrl they move it; Up and Down
/// move its brush, + and - widen and narrow it; I inverts, L switches logarithmic, Delete removes
/// the brush, C colours the lines by this axis, Escape removes all.
class ParallelPlot final : public Canvas {
  Q_OBJECT

 public:
  explicit ParallelPlot(QWidget* parent = nullptr);
  /// Requires columns of equal length.
  void setData(std::vector<PlotColumn> columns, RowKeys keys = {});
  void setSelection(Selection* selection);
  void draw(QPainter& painter, QSize size, const Theme& theme) override;

  int axisCount() const { return static_cast<int>(axes_.size()); }
  /// The column at this place.
  int columnAt(int axis) const { return axes_[static_cast<std::size_t>(axis)].column; }
  /// The column whose value is the colour of a line.
  int colorColumn() const { return color_column_; }
  QPointF axisPoint(int axis, double share) const;  ///< in this widget; 0 = low end of the picture
  QSize minimumSizeHint() const override;

 public Q_SLOTS:
  void moveAxis(int from, int to);
  void invertAxis(int axis);
  void setAxisLogarithmic(int axis, bool on);
  void setColorColumn(int column);
  /// Heights in the picture, 0 to 1; an empty interval removes the brush.
  void setBrush(int axis, double low, double high);
  void clearBrushes();

 Q_SIGNALS:
  void colorColumnChanged(int column);

 protected:
  void fillMenu(QMenu& menu) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Axis {
    int column = 0;
    PlotScale scale;
    bool inverted = false;
    AxisLevels levels;
    std::optional<std::pair<double, double>> brush;  ///< heights in the picture
  };

  QRectF linesArea(QSize size) const;
  double axisX(int axis, const QRectF& area) const;
  int axisNear(double x, double reach) const;  ///< -1: none
  double heightAt(QPointF at) const;
  void updateLevels(Axis& axis);
  void updateColors();
  const Axis* axisOf(int column) const;
  void selectByBrushes();
  void selectionChanged();
  QString note() const;
  void drawDensity(QPainter& painter, const QRectF& area, const Theme& theme);
  void drawLone(QPainter& painter, QSizeF pixels, const Theme& theme) const;
  void drawRows(QPainter& painter, const QRectF& area, const Theme& theme) const;
  void drawAxis(QPainter& painter, int index, const QRectF& area, const Theme& theme) const;
  void drawRamp(QPainter& painter, QSize size, const Theme& theme) const;

  std::vector<PlotColumn> columns_;
  QStringList names_;  ///< of the columns, short
  std::vector<Axis> axes_;
  RowKeys keys_;
  QPointer<Selection> selection_;
  std::vector<std::uint8_t> selected_;
  bool dims_ = false;  ///< several rows are selected: the others step back
  std::size_t rows_ = 0, incomplete_ = 0;
  int color_column_ = -1;
  AxisLevels colors_;                ///< of `color_column_`, by row
  int current_ = 0;                  ///< the axis that keys act on
  int dragged_ = -1, brushed_ = -1;  ///< by the pointer
  double brush_start_ = 0, drag_x_ = 0;
  QImage density_;
  QSize density_size_;
  bool density_dark_ = false;
};

}  // namespace nas
