#pragma once

#include <QPointer>
#include <QRectF>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "app/presentation/plot_scale.h"
#include "gui/plots/canvas.h"
#include "gui/plots/plot_data.h"
#include "gui/plots/plot_legend.h"
#include "gui/plots/plot_paint.h"

namespace nas {

/// Where the data of a plot go in a picture.
struct PlotFrame {
  QRectF area;
  const PlotScale& x;
  const PlotScale& y;
  const Theme& theme;

  QPointF at(double x_value, double y_value) const { return {x_at(x_value), y_at(y_value)}; }
  double x_at(double value) const { return area.left() + near(x.share(value)) * area.width(); }
  double y_at(double value) const { return area.bottom() - near(y.share(value)) * area.height(); }
  /// Painters cannot draw lines to places that are further away than they can count.
  static double near(double share) {
    constexpr double kFar = 1e5;
    return share > kFar ? kFar : share < -kFar ? -kFar : share;  // NaN stays
  }
};

/// A plot with two axes that all zoom, pan and brush alike.
///   wheel zooms at the pointer (over an axis: this axis alone), Ctrl+drag or middle drag pans,
///   Alt+drag zooms to a rectangle, drag brushes (Shift adds), click selects, double click fits;
///   arrows pan, + and - zoom, 0 fits, X and Y switch logarithmic axes; Enter selects what is
///   visible (Shift adds), Escape clears the selection.
class AxisPlot : public Canvas {
  Q_OBJECT

 public:
  explicit AxisPlot(QWidget* parent = nullptr);

  void setTitle(const QString& title);
  void setSelection(Selection* selection);
  bool isLogarithmic(Qt::Orientation axis) const;
  void setLogarithmic(Qt::Orientation axis, bool on);

  const PlotScale& scale(Qt::Orientation axis) const;
  /// Runs `change`, which sets other data of the same columns; what was zoomed, panned or made
  /// logarithmic stays.
  void keepingView(const std::function<void()>& change);
  /// The area of the data when the plot is drawn in `size`.
  QRectF plotArea(QSize size) const;
  QPointF pixel(double x, double y) const;  ///< in this widget
  /// What is written at the ticks of an axis when the plot is drawn in `size`.
  QStringList axisLabels(Qt::Orientation axis, QSize size) const;
  /// Small text below the plot: what is shown, and what could not be.
  virtual QString note() const { return {}; }

  void draw(QPainter& painter, QSize size, const Theme& theme) final;

 public Q_SLOTS:
  void fit();
  void zoomBy(double factor);
  void panBy(double x_share, double y_share);
  void selectNothing();
  void selectVisible(bool add = false);

 protected:
  struct Hit {
    QPointF at;
    QStringList lines;
    std::optional<RowKey> key;
  };

  virtual void drawData(QPainter& painter, const PlotFrame& frame) = 0;
  virtual std::vector<LegendEntry> legend(const Theme&) const { return {}; }
  /// The thing under the pointer.
  virtual std::optional<Hit> hitAt(QPointF, const PlotFrame&) { return std::nullopt; }
  /// Keys of the rows in a rectangle; nullopt: this plot has no brush.
  virtual std::optional<std::vector<RowKey>> keysIn(QRectF, const PlotFrame&) {
    return std::nullopt;
  }
  virtual bool hasData() const = 0;
  /// Whether a brush is an interval of x (histogram) instead of a rectangle.
  virtual bool brushesInterval() const { return false; }
  /// Whether the selection follows the pointer while it brushes: where that is fast enough.
  virtual bool brushesLive() const { return false; }
  virtual void selectionChanged() { update(); }
  /// After zooming, panning or a change of an axis.
  virtual void viewChanged() {}
  /// Sets the ranges to what the axes have a place for: after a change of the data or of an axis.
  virtual void fitData() {}

  void setAxisTitles(const QString& x, const QString& y);
  /// Ranges over the points that both axes have a place for: what is not drawn stretches nothing.
  void fitTo(std::span<const double> x, std::span<const double> y);
  PlotScale& scaleOf(Qt::Orientation axis) { return axis == Qt::Horizontal ? x_ : y_; }
  Selection* selection() const { return selection_; }
  /// Ticks at whole numbers only: epochs, trials.
  void setCounted(Qt::Orientation axis, bool counted = true) { scaleOf(axis).setCounted(counted); }
  /// Room on the right for a second axis.
  void setRightMargin(double pixels) { right_margin_ = pixels; }

  void drawOverlay(QPainter& painter, const Theme& theme) override;
  void fillMenu(QMenu& menu) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  enum class Drag { kNone, kBrush, kPan, kZoom };

  PlotFrame frame(const Theme& theme) const;
  void drawAxes(QPainter& painter, const PlotFrame& frame) const;
  /// Ticks of the horizontal axis with their labels, empty where there is no room, and where these
  /// begin.
  struct Across {
    std::vector<double> ticks;
    QStringList labels;
    std::vector<double> places;
  };
  Across across(const QFontMetricsF& metrics, const PlotFrame& frame) const;
  void drawTicks(QPainter& painter, const PlotFrame& frame) const;
  PlotHeader header(QSize size, const Theme& theme) const;
  double leftMargin(double height) const;
  void hover(QPointF at);
  void finishBrush(QRectF band, bool add);
  void changed();

  QString title_, x_title_, y_title_;
  PlotScale x_, y_;
  QPointer<Selection> selection_;
  double right_margin_ = 20;
  Drag drag_ = Drag::kNone;
  QPointF pressed_, last_;
};

}  // namespace nas
