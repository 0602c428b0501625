#include <QPainter>
#include <algorithm>
#include <cmath>

#include "app/presentation/plot.h"
#include "gui/plots/scatter_plot.h"

namespace nas {
namespace {

constexpr std::size_t kMostFrontMarks = 300;

}  // namespace

void ScatterPlot::drawData(QPainter& painter, const PlotFrame& frame) {
  if (countsPixels()) {
    drawDensity(painter, frame);
  } else {
    drawMarks(painter, frame);
  }
  if (front_shown_) drawFront(painter, frame);
  drawConstraints(painter, frame);
  drawPointed(painter, frame);
}

void ScatterPlot::drawDensity(QPainter& painter, const PlotFrame& frame) {
  transformColumns();
  if (selected_count_ > 0 && chosen_x_.empty()) {
    for (std::size_t row = 0; row < selected_.size(); ++row) {
      if (selected_[row] == 0) continue;
      chosen_x_.push_back(x_units_[row]);
      chosen_y_.push_back(y_units_[row]);
    }
  }
  density_.draw(painter, frame, {x_units_, y_units_, shown_},
                {chosen_x_, chosen_y_, selected_count_});
}

void ScatterPlot::drawMarks(QPainter& painter, const PlotFrame& frame) const {
  const double radius = shown_ < 400 ? 4 : shown_ < 1500 ? 3.2 : 2.6;
  QColor faint = frame.theme.muted;
  faint.setAlpha(dims() ? 80 : 190);
  const auto draw_rows = [&](bool chosen, QColor color, double size) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    for (std::size_t row = 0; row < x_.size(); ++row) {
      if ((!selected_.empty() && selected_[row] != 0) != chosen) continue;
      const QPointF at = place(row, frame);
      if (!holds(frame.area.adjusted(-8, -8, 8, 8), at)) continue;
      if (feasible(row)) {
        draw_mark(painter, chosen ? 1 : 0, at, size);
      } else {
        draw_cross(painter, at, size, chosen ? color : faint);
      }
    }
  };
  QColor plain = frame.theme.series[0];
  plain.setAlpha(dims() ? 60 : 165);
  draw_rows(false, plain, radius);
  if (!selected_.empty()) draw_rows(true, frame.theme.selection, radius + 0.6);
}

void ScatterPlot::drawFront(QPainter& painter, const PlotFrame& frame) const {
  QPolygonF steps;
  for (const std::size_t row : front_) {
    const QPointF at = place(row, frame);
    if (std::isnan(at.x()) || std::isnan(at.y())) continue;
    if (!steps.isEmpty()) {
      const auto [x, y] =
          front_corner({steps.back().x(), steps.back().y()}, {at.x(), at.y()}, x_.maximize);
      steps.append(QPointF(x, y));
    }
    steps.append(at);
  }
  const QColor color = frame.theme.series[3];
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(frame.theme.background, 4));
  painter.drawPolyline(steps);
  painter.setPen(QPen(color, 2.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPolyline(steps);
  drawIntervals(painter, frame);
  if (front_.size() > kMostFrontMarks) return;
  painter.setBrush(frame.theme.background);
  for (const std::size_t row : front_) {
    const QPointF at = place(row, frame);
    if (holds(frame.area, at)) draw_mark(painter, 0, at, 3.4);
  }
}

void ScatterPlot::drawIntervals(QPainter& painter, const PlotFrame& frame) const {
  QColor color = frame.theme.series[3];
  color.setAlpha(170);
  painter.setPen(QPen(color, 1.3));
  const auto clamped = [](double at, double low, double high, double without_place) {
    return std::isnan(at) ? without_place : std::clamp(at, low, high);
  };
  for (const RowIntervals& intervals : intervals_) {
    const std::size_t row = keys_.row(intervals.key, x_.size());
    if (row >= x_.size()) continue;
    const QPointF at = place(row, frame);
    if (!holds(frame.area, at)) continue;
    constexpr double kEnd = 3;
    if (intervals.x) {
      const double left =
          clamped(frame.x_at(intervals.x->low), frame.area.left(), at.x(), frame.area.left());
      const double right =
          clamped(frame.x_at(intervals.x->high), at.x(), frame.area.right(), frame.area.right());
      painter.drawLine(QPointF(left, at.y()), QPointF(right, at.y()));
      for (const double end : {left, right}) {
        painter.drawLine(QPointF(end, at.y() - kEnd), QPointF(end, at.y() + kEnd));
      }
    }
    if (intervals.y) {
      const double bottom =
          clamped(frame.y_at(intervals.y->low), at.y(), frame.area.bottom(), frame.area.bottom());
      const double top =
          clamped(frame.y_at(intervals.y->high), frame.area.top(), at.y(), frame.area.top());
      painter.drawLine(QPointF(at.x(), top), QPointF(at.x(), bottom));
      for (const double end : {top, bottom}) {
        painter.drawLine(QPointF(at.x() - kEnd, end), QPointF(at.x() + kEnd, end));
      }
    }
  }
}

/// The side of a bound whose rows miss it.
void ScatterPlot::shadeBeyond(QPainter& painter, const ConstraintLine& line, double at,
                              const PlotFrame& frame) const {
  QRectF beyond = frame.area;
  if (line.vertical) {
    line.upper ? beyond.setLeft(std::max(at, beyond.left()))
               : beyond.setRight(std::min(at, beyond.right()));
  } else {
    line.upper ? beyond.setBottom(std::min(at, beyond.bottom()))
               : beyond.setTop(std::max(at, beyond.top()));
  }
  QColor shade = frame.theme.bound;
  shade.setAlpha(16);
  if (beyond.width() > 0 && beyond.height() > 0) painter.fillRect(beyond, shade);
}

void ScatterPlot::drawConstraints(QPainter& painter, const PlotFrame& frame) const {
  const QFontMetricsF metrics(painter.font());
  for (const ConstraintLine& line : lines_) {
    const double at = line.vertical ? frame.x_at(line.value) : frame.y_at(line.value);
    if (std::isnan(at)) continue;
    shadeBeyond(painter, line, at, frame);
    painter.setPen(QPen(frame.theme.bound, 1.4, Qt::DashLine));
    if (line.vertical) {
      painter.drawLine(QPointF(at, frame.area.top()), QPointF(at, frame.area.bottom()));
    } else {
      painter.drawLine(QPointF(frame.area.left(), at), QPointF(frame.area.right(), at));
    }
    const QString text = elided(painter, line.label, 200);
    QRectF label(QPointF(), QSizeF(metrics.horizontalAdvance(text) + 10, metrics.height() + 2));
    // At the ends where data are rare: the bottom, and the right.
    if (line.vertical) {
      label.moveBottomLeft(QPointF(at + 4, frame.area.bottom() - 6));
    } else {
      label.moveTopRight(QPointF(frame.area.right() - 6, at + 4));
    }
    if (label.right() > frame.area.right()) label.moveRight(at - 4);
    if (label.bottom() > frame.area.bottom()) label.moveBottom(at - 4);
    QColor back = frame.theme.background;
    back.setAlpha(215);
    painter.fillRect(label, back);
    painter.setPen(frame.theme.text);
    painter.drawText(label, Qt::AlignCenter, text);
  }
}

void ScatterPlot::drawPointed(QPainter& painter, const PlotFrame& frame) const {
  if (selection() == nullptr) return;
  const auto ring = [&](std::optional<RowKey> key, QColor color, double radius) {
    const std::size_t row = key ? keys_.row(*key, x_.size()) : x_.size();
    if (row >= x_.size()) return;
    const QPointF at = place(row, frame);
    if (std::isnan(at.x()) || std::isnan(at.y())) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(frame.theme.background, 4));
    painter.drawEllipse(at, radius, radius);
    painter.setPen(QPen(color, 2));
    painter.drawEllipse(at, radius, radius);
  };
  ring(selection()->current(), frame.theme.accent, 7);
  ring(selection()->hovered(), frame.theme.hover, 6);
}

}  // namespace nas
