#include "gui/plots/scatter_plot.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/presentation/plot.h"

namespace nas {
namespace {

constexpr std::size_t kMostMarks = 4000;  ///< more rows are counted for each pixel
constexpr std::size_t kMostFrontMarks = 300;
constexpr std::size_t kLiveRows = 20'000;  ///< up to here the selection follows the pointer
constexpr double kReach = 9;               ///< of the pointer, pixels

}  // namespace

ScatterPlot::ScatterPlot(QWidget* parent) : AxisPlot(parent) {
  setTitle(tr("Scatter"));
}

void ScatterPlot::setData(PlotColumn x, PlotColumn y, RowKeys keys) {
  x_ = std::move(x);
  y_ = std::move(y);
  keys_ = std::move(keys);
  shown_ = 0;
  not_positive_.clear();
  const auto xs = x_.span(), ys = y_.span();
  const std::size_t rows = std::min(xs.size(), ys.size());
  for (std::size_t row = 0; row < rows; ++row) {
    if (!std::isfinite(xs[row]) || !std::isfinite(ys[row])) continue;
    ++shown_;
    if (xs[row] <= 0 || ys[row] <= 0) not_positive_.push_back(row);
  }
  skipped_ = rows - shown_;
  feasible_.clear();
  infeasible_ = 0;
  intervals_.clear();
  findFront();
  setAxisTitles(x_.title, y_.title);
  scaleOf(Qt::Horizontal).setData(xs);
  scaleOf(Qt::Vertical).setData(ys);
  scaleOf(Qt::Horizontal).setLogarithmic(x_.logarithmic);
  scaleOf(Qt::Vertical).setLogarithmic(y_.logarithmic);
  fitData();
  x_units_.clear();
  selectionChanged();
}

void ScatterPlot::setFeasible(std::vector<std::uint8_t> by_row) {
  by_row.resize(by_row.empty() ? 0 : x_.size());
  feasible_ = std::move(by_row);
  infeasible_ = 0;
  for (std::size_t row = 0; row < feasible_.size(); ++row) {
    const bool shown = std::isfinite(x_.span()[row]) && std::isfinite(y_.span()[row]);
    infeasible_ += shown && !feasible(row);
  }
  findFront();
  update();
}

void ScatterPlot::findFront() {
  if (infeasible_ == 0) {
    front_ = front_of(x_.span(), x_.maximize, y_.span(), y_.maximize);
    return;
  }
  std::vector<double> xs(x_.span().begin(), x_.span().end());
  for (std::size_t row = 0; row < xs.size(); ++row) {
    if (!feasible(row)) xs[row] = std::numeric_limits<double>::quiet_NaN();
  }
  front_ = front_of(xs, x_.maximize, y_.span(), y_.maximize);
}

void ScatterPlot::fitData() {
  fitTo(x_.span(), y_.span());
  for (const ConstraintLine& line : lines_) {
    scaleOf(line.vertical ? Qt::Horizontal : Qt::Vertical).include(line.value);
  }
}

void ScatterPlot::setConstraints(std::vector<ConstraintLine> lines) {
  lines_ = std::move(lines);
  fitData();
  update();
}

std::vector<RowKey> ScatterPlot::frontKeys() const {
  std::vector<RowKey> keys;
  for (const std::size_t row : front_) keys.push_back(keys_.key(row));
  return keys;
}

void ScatterPlot::setIntervals(std::vector<RowIntervals> intervals) {
  intervals_ = std::move(intervals);
  update();
}

void ScatterPlot::setFrontShown(bool shown) {
  front_shown_ = shown;
  update();
}

void ScatterPlot::fitFront() {
  if (front_.empty()) return;
  std::vector<double> xs, ys;
  for (const std::size_t row : front_) {
    xs.push_back(x_.span()[row]);
    ys.push_back(y_.span()[row]);
  }
  scaleOf(Qt::Horizontal).showValues(xs);
  scaleOf(Qt::Vertical).showValues(ys);
  update();
}

bool ScatterPlot::brushesLive() const {
  return x_.size() <= kLiveRows;
}

void ScatterPlot::walkFront(int step) {
  if (selection() == nullptr || front_.empty()) return;
  const auto count = static_cast<int>(front_.size());
  int place = step > 0 ? -1 : count;
  for (int i = 0; i < count; ++i) {
    if (selection()->current() == keys_.key(front_[static_cast<std::size_t>(i)])) place = i;
  }
  const std::size_t row = front_[static_cast<std::size_t>(std::clamp(place + step, 0, count - 1))];
  selection()->setCurrent(keys_.key(row));
  selection()->set({keys_.key(row)});
}

void ScatterPlot::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_F) return fitFront();
  if (event->key() == Qt::Key_N) return walkFront(1);
  if (event->key() == Qt::Key_P) return walkFront(-1);
  AxisPlot::keyPressEvent(event);
}

QString ScatterPlot::note() const {
  if (x_.size() == 0) return {};
  QString text = countsPixels()
                     ? tr("Showing all of %1 points, counted for each pixel").arg(counted(shown_))
                     : tr("Showing all of %1 points").arg(counted(shown_));
  if (skipped_ > 0) text += tr("; %1 without a finite value").arg(counted(skipped_));
  std::size_t hidden = 0;
  for (const std::size_t row : not_positive_) {
    hidden += (isLogarithmic(Qt::Horizontal) && x_.span()[row] <= 0) ||
              (isLogarithmic(Qt::Vertical) && y_.span()[row] <= 0);
  }
  if (hidden > 0) text += tr("; %1 not positive").arg(counted(hidden));
  if (infeasible_ > 0) {
    text += tr("; %1 miss a constraint and are not in the front").arg(counted(infeasible_));
  }
  if (selected_count_ > 0) text += tr("; %1 selected").arg(counted(selected_count_));
  return text;
}

bool ScatterPlot::countsPixels() const {
  return shown_ > kMostMarks;
}

std::vector<LegendEntry> ScatterPlot::legend(const Theme& theme) const {
  std::vector<LegendEntry> entries;
  if (front_shown_ && !front_.empty()) {
    entries.push_back({tr("Pareto front (%1)").arg(counted(front_.size())), theme.series[3], 0,
                       LegendMark::kLine});
  }
  if (front_shown_ && !intervals_.empty()) {
    entries.push_back({tr("where a value may lie"), theme.series[3], 0, LegendMark::kBar});
  }
  if (infeasible_ > 0 && !countsPixels()) {
    entries.push_back({tr("misses a constraint (%1)").arg(counted(infeasible_)), theme.muted, 0,
                       LegendMark::kCross});
  }
  if (!lines_.empty()) entries.push_back({tr("constraint"), theme.bound, 0, LegendMark::kDashed});
  return entries;
}

void ScatterPlot::selectionChanged() {
  selected_ = selected_rows(selection(), keys_, x_.size());
  selected_count_ =
      static_cast<std::size_t>(std::count(selected_.begin(), selected_.end(), std::uint8_t{1}));
  chosen_x_.clear();
  chosen_y_.clear();
  density_.forget();
  update();
}

void ScatterPlot::transformColumns() {
  const bool log_x = isLogarithmic(Qt::Horizontal), log_y = isLogarithmic(Qt::Vertical);
  if (!x_units_.empty() && log_x == log_x_ && log_y == log_y_) return;
  x_units_ = scaleOf(Qt::Horizontal).transformed(x_.span());
  y_units_ = scaleOf(Qt::Vertical).transformed(y_.span());
  log_x_ = log_x;
  log_y_ = log_y;
  chosen_x_.clear();
  chosen_y_.clear();
  density_.forget();
}

QPointF ScatterPlot::place(std::size_t row, const PlotFrame& frame) const {
  return frame.at(x_.span()[row], y_.span()[row]);
}

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
  const auto clamped = [](double at, double low, double high) {
    return std::isnan(at) ? low : std::clamp(at, low, high);
  };
  for (const RowIntervals& intervals : intervals_) {
    const std::size_t row = keys_.row(intervals.key, x_.size());
    if (row >= x_.size()) continue;
    const QPointF at = place(row, frame);
    if (!holds(frame.area, at)) continue;
    constexpr double kEnd = 3;
    if (intervals.x) {
      const double left = clamped(frame.x_at(intervals.x->low), frame.area.left(), at.x());
      const double right = clamped(frame.x_at(intervals.x->high), at.x(), frame.area.right());
      painter.drawLine(QPointF(left, at.y()), QPointF(right, at.y()));
      for (const double end : {left, right}) {
        painter.drawLine(QPointF(end, at.y() - kEnd), QPointF(end, at.y() + kEnd));
      }
    }
    if (intervals.y) {
      const double bottom = clamped(frame.y_at(intervals.y->low), at.y(), frame.area.bottom());
      const double top = clamped(frame.y_at(intervals.y->high), frame.area.top(), at.y());
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

std::optional<AxisPlot::Hit> ScatterPlot::hitAt(QPointF at, const PlotFrame& frame) {
  transformColumns();
  const double w = frame.area.width(), h = frame.area.height();
  const double ax = frame.x.slope() * w, bx = frame.area.left() + frame.x.offset() * w - at.x();
  const double ay = -frame.y.slope() * h, by = frame.area.bottom() - frame.y.offset() * h - at.y();
  std::size_t nearest = x_units_.size();
  double least = kReach * kReach;
  for (std::size_t row = 0; row < x_units_.size(); ++row) {
    const double dx = x_units_[row] * ax + bx, dy = y_units_[row] * ay + by;
    const double distance = dx * dx + dy * dy;
    if (distance >= least || std::isnan(distance)) continue;
    least = distance;
    nearest = row;
  }
  if (nearest == x_units_.size()) return std::nullopt;
  const RowKey key = keys_.key(nearest);
  const auto known = std::ranges::find(intervals_, key, &RowIntervals::key);
  const auto value_text = [&](const PlotColumn& column,
                              std::optional<Interval> RowIntervals::*side) {
    const QString text = column.title + ": " + number_text(column.span()[nearest]);
    if (known == intervals_.end() || !((*known).*side)) return text;
    const Interval& interval = *((*known).*side);
    return tr("%1 (%2 to %3)").arg(text, number_text(interval.low), number_text(interval.high));
  };
  QStringList lines{describe_ ? describe_(key) : tr("Row %1").arg(key),
                    value_text(x_, &RowIntervals::x), value_text(y_, &RowIntervals::y)};
  return Hit{place(nearest, frame), lines, key};
}

std::optional<std::vector<RowKey>> ScatterPlot::keysIn(QRectF area, const PlotFrame& frame) {
  std::vector<RowKey> keys;
  transformColumns();
  const double w = frame.area.width(), h = frame.area.height();
  for (std::size_t row = 0; row < x_units_.size(); ++row) {
    const double x = frame.area.left() + (x_units_[row] * frame.x.slope() + frame.x.offset()) * w;
    const double y = frame.area.bottom() - (y_units_[row] * frame.y.slope() + frame.y.offset()) * h;
    if (x >= area.left() && x <= area.right() && y >= area.top() && y <= area.bottom()) {
      keys.push_back(keys_.key(row));
    }
  }
  return keys;
}

void ScatterPlot::fillMenu(QMenu& menu) {
  AxisPlot::fillMenu(menu);
  QAction* front = menu.addAction(tr("&Pareto front"));
  front->setCheckable(true);
  front->setChecked(front_shown_);
  connect(front, &QAction::toggled, this, &ScatterPlot::setFrontShown);
  menu.addAction(tr("&Zoom to the front"), this, &ScatterPlot::fitFront);
  menu.addAction(tr("Select the f&ront"), this, [this] {
    if (selection() == nullptr) return;
    selection()->set(frontKeys());
  });
}

}  // namespace nas
