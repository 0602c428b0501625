#pragma once

#include "gui/plots/canvas.h"
#include "gui/plots/plot_legend.h"

namespace nas {

struct Bar {
  QString label;
  double value = 0;
  QString group;  ///< bars of one group have one colour: the kind of a layer
  /// That colour on light and on dark ground; invalid: the next of the theme's series.
  QColor light = {}, dark = {};
};

/// Horizontal bars in the given order, a scrolling list when there are many: latency by layer.
/// Up and Down walk, Enter opens; clicking a bar opens it.
class BarsPlot final : public Canvas {
  Q_OBJECT

 public:
  explicit BarsPlot(QWidget* parent = nullptr);
  void setBars(const QString& title, const QString& unit, std::vector<Bar> bars);
  void draw(QPainter& painter, QSize size, const Theme& theme) override;

 Q_SIGNALS:
  void opened(int bar);  ///< its index in what `setBars` got

 protected:
  void fillMenu(QMenu& menu) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  const Bar& barAt(int row) const { return bars_[order_[static_cast<std::size_t>(row)]]; }
  int rowHeight() const;
  int visibleRows(QSize size) const;
  int rowAt(QPointF at) const;  ///< -1: none
  void scrollTo(int first);
  void setCurrent(int row);
  QString note() const;
  PlotHeader header(QSize size, const Theme& theme) const;
  int top(QSize size) const;  ///< where the rows begin
  QColor colorOf(const Bar& bar, const Theme& theme) const;
  void drawRow(QPainter& painter, int row, QRectF line, double label_width,
               const Theme& theme) const;

  QString title_, unit_;
  std::vector<Bar> bars_;
  std::vector<std::size_t> order_;  ///< bars by row
  QStringList groups_;
  std::vector<std::size_t> group_bars_;  ///< the first bar of each
  double largest_ = 0, total_ = 0;
  std::size_t skipped_ = 0;
  int first_ = 0, current_ = -1;
  bool sorted_ = false;
};

}  // namespace nas
