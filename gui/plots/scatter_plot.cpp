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

constexpr std::size_t kMostMarks = 4000;   ///< more rows are counted for each pixel
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
