#include "gui/plots/parallel_plot.h"

#include <QMenu>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "app/presentation/plot_axis.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kSide = 72, kTop = 92, kBottom = 52;
constexpr int kLeastSpacing = 92;         ///< axes never come closer: the plot scrolls instead
constexpr std::size_t kMostLines = 1500;  ///< more rows are counted for each pixel

}  // namespace

ParallelPlot::ParallelPlot(QWidget* parent) : Canvas(parent) {
  setAccessibleName(tr("Parallel coordinates"));
  setAccessibleDescription(
      tr("Left and Right choose an axis, with Ctrl they move it; Up and Down move its brush, plus "
         "and minus widen and narrow it; I inverts, L switches logarithmic, C colours the lines by "
         "this axis, Delete removes the brush, Escape all"));
}

QSize ParallelPlot::minimumSizeHint() const {
  const int gaps = std::max(1, axisCount() - 1);
  return {static_cast<int>(2 * kSide) + gaps * kLeastSpacing, 240};
}

void ParallelPlot::setData(std::vector<PlotColumn> columns, RowKeys keys) {
  columns_ = std::move(columns);
  keys_ = std::move(keys);
  axes_.clear();
  QStringList titles;
  for (const PlotColumn& column : columns_) titles << column.title;
  names_ = short_titles(titles);
  rows_ = columns_.empty() ? 0 : columns_.front().size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Axis axis;
    axis.column = static_cast<int>(i);
    axis.scale.setData(columns_[i].span());
    axis.scale.setLogarithmic(columns_[i].logarithmic);
    updateLevels(axis);
    axes_.push_back(std::move(axis));
  }
  incomplete_ = 0;
  for (std::size_t row = 0; row < rows_; ++row) {
    incomplete_ += std::any_of(columns_.begin(), columns_.end(), [row](const PlotColumn& column) {
      return row >= column.size() || !std::isfinite(column.span()[row]);
    });
  }
  current_ = 0;
  color_column_ = static_cast<int>(columns_.size()) - 1;
  updateColors();
  updateGeometry();
  selectionChanged();
}

void ParallelPlot::setSelection(Selection* selection) {
  if (selection_ != nullptr) selection_->disconnect(this);
  selection_ = selection;
  if (selection != nullptr) {
    connect(selection, &Selection::changed, this, &ParallelPlot::selectionChanged);
    connect(selection, &Selection::hoverChanged, this, qOverload<>(&QWidget::update));
    connect(selection, &Selection::currentChanged, this, qOverload<>(&QWidget::update));
  }
  selectionChanged();
}

void ParallelPlot::selectionChanged() {
  selected_ = selected_rows(selection_, keys_, rows_);
  dims_ = std::count(selected_.begin(), selected_.end(), std::uint8_t{1}) > 1;
  density_ = QImage();
  update();
}

void ParallelPlot::updateLevels(Axis& axis) {
  axis.levels =
      axis_levels(columns_[static_cast<std::size_t>(axis.column)], axis.scale, axis.inverted);
  density_ = QImage();
}

const ParallelPlot::Axis* ParallelPlot::axisOf(int column) const {
  const auto found = std::find_if(axes_.begin(), axes_.end(),
                                  [column](const Axis& axis) { return axis.column == column; });
  return found == axes_.end() ? nullptr : &*found;
}

void ParallelPlot::setColorColumn(int column) {
  if (column < 0 || column >= static_cast<int>(columns_.size()) || column == color_column_) return;
  color_column_ = column;
  updateColors();
  update();
  Q_EMIT colorColumnChanged(column);
}

void ParallelPlot::updateColors() {
  const Axis* axis = axisOf(color_column_);
  colors_ = axis == nullptr ? AxisLevels()
                            : axis_levels(columns_[static_cast<std::size_t>(color_column_)],
                                          axis->scale, false);
  density_ = QImage();
}

QRectF ParallelPlot::linesArea(QSize size) const {
  return {kSide, kTop, std::max(10.0, size.width() - 2 * kSide),
          std::max(10.0, size.height() - kTop - kBottom)};
}

double ParallelPlot::axisX(int axis, const QRectF& area) const {
  const int gaps = std::max(1, axisCount() - 1);
  return area.left() + area.width() * axis / gaps;
}

QPointF ParallelPlot::axisPoint(int axis, double share) const {
  const QRectF area = linesArea(size());
  return {axisX(axis, area), area.bottom() - share * area.height()};
}

int ParallelPlot::axisNear(double x, double reach) const {
  const QRectF area = linesArea(size());
  int nearest = -1;
  for (int axis = 0; axis < axisCount(); ++axis) {
    const double distance = std::abs(axisX(axis, area) - x);
    if (distance > reach) continue;
    reach = distance;
    nearest = axis;
  }
  return nearest;
}

double ParallelPlot::heightAt(QPointF at) const {
  const QRectF area = linesArea(size());
  return std::clamp((area.bottom() - at.y()) / area.height(), 0.0, 1.0);
}

QString ParallelPlot::note() const {
  QString text = tr("Showing all of %1 rows").arg(counted(rows_));
  if (incomplete_ > 0) {
    text += tr("; %1 without a finite value on some axis, where their lines have gaps")
                .arg(counted(incomplete_));
  }
  const auto selected = std::count(selected_.begin(), selected_.end(), std::uint8_t{1});
  if (selected > 0) text += tr("; %1 selected").arg(counted(static_cast<std::size_t>(selected)));
  return text;
}

void ParallelPlot::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.save();
  set_title_font(painter);
  painter.setPen(theme.text);
  painter.drawText(QPointF(14, 27), tr("Parallel coordinates"));
  painter.restore();
  if (axes_.empty() || rows_ == 0) {
    draw_message(painter, QRectF(QPointF(), QSizeF(size)), emptyText(), theme);
    painter.restore();
    return;
  }
  const QRectF area = linesArea(size);
  if (rows_ > kMostLines) {
    drawDensity(painter, area, theme);
  } else {
    drawRows(painter, area, theme);
  }
  for (int axis = 0; axis < axisCount(); ++axis) drawAxis(painter, axis, area, theme);
  drawRamp(painter, size, theme);
  set_small_font(painter);
  painter.setPen(theme.muted);
  painter.drawText(QPointF(14, size.height() - 9), elided(painter, note(), size.width() - 28));
  painter.restore();
}

void ParallelPlot::drawDensity(QPainter& painter, const QRectF& area, const Theme& theme) {
  const double ratio = device_ratio(painter);
  const QSize pixels = (area.size() * ratio).toSize();
  if (density_.isNull() || density_size_ != pixels || density_dark_ != theme.dark) {
    density_ = QImage(pixels, QImage::Format_ARGB32_Premultiplied);
    density_.fill(Qt::transparent);
    QPainter target(&density_);
    for (int axis = 0; axis + 1 < axisCount(); ++axis) {
      const double left = (axisX(axis, area) - area.left()) * ratio;
      const double right = (axisX(axis + 1, area) - area.left()) * ratio;
      const QSize gap(static_cast<int>(std::ceil(right) - std::floor(left)), pixels.height());
      const Axis& a = axes_[static_cast<std::size_t>(axis)];
      const Axis& b = axes_[static_cast<std::size_t>(axis) + 1];
      GapDensity lines(gap);
      const bool plain = !dims_;
      lines.count(a.levels, b.levels, {}, plain ? colors_ : AxisLevels());
      target.setOpacity(plain ? 1.0 : 0.3);
      target.drawImage(QPointF(std::floor(left), 0),
                       plain ? lines.image(theme, 0.03) : lines.image(theme.axis, 0.02));
      if (selected_.empty()) continue;
      lines.count(a.levels, b.levels, selected_);
      target.setOpacity(1.0);
      target.drawImage(QPointF(std::floor(left), 0), lines.image(theme.selection, 0.25));
    }
    drawLone(target, QSizeF(area.size()) * ratio, theme);
    density_size_ = pixels;
    density_dark_ = theme.dark;
  }
  painter.drawImage(area, density_);
}

/// Values between two gaps: a mark on their axis, as `drawRows` has it. One for each level.
void ParallelPlot::drawLone(QPainter& painter, QSizeF pixels, const Theme& theme) const {
  painter.setOpacity(1.0);
  painter.setPen(QPen(theme.axis, 1.4));
  painter.setBrush(Qt::NoBrush);
  const int gaps = std::max(1, axisCount() - 1);
  for (int i = 0; i < axisCount(); ++i) {
    const auto missing = [&](int axis, std::size_t row) {
      return axis < 0 || axis >= axisCount() ||
             axes_[static_cast<std::size_t>(axis)].levels[row] == kNoLevel;
    };
    std::vector<std::uint8_t> marked(kLevels, 0);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (!missing(i, row) && missing(i - 1, row) && missing(i + 1, row))
        marked[axes_[static_cast<std::size_t>(i)].levels[row]] = 1;
    }
    for (std::size_t level = 0; level < marked.size(); ++level) {
      if (marked[level] == 0) continue;
      const double share = static_cast<double>(level) / (kLevels - 1);
      painter.drawEllipse(QPointF(pixels.width() * i / gaps, (1 - share) * pixels.height()), 3, 3);
    }
  }
}

void ParallelPlot::drawRows(QPainter& painter, const QRectF& area, const Theme& theme) const {
  painter.setBrush(Qt::NoBrush);
  // A value between two gaps has no line: a mark on its axis.
  const auto flush = [&painter](QPolygonF& line) {
    if (line.size() > 1) painter.drawPolyline(line);
    if (line.size() == 1) painter.drawEllipse(line.front(), 2.5, 2.5);
    line.clear();
  };
  const auto draw_row = [&](std::size_t row) {
    QPolygonF line;
    for (int axis = 0; axis < axisCount(); ++axis) {
      const std::uint16_t level = axes_[static_cast<std::size_t>(axis)].levels[row];
      if (level == kNoLevel) {
        flush(line);
        continue;
      }
      const double share = level / static_cast<double>(kLevels - 1);
      line.append({axisX(axis, area), area.bottom() - share * area.height()});
    }
    flush(line);
  };
  // Lines carry a colour as long as nothing is selected.
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!selected_.empty() && selected_[row] != 0) continue;
    const double at = colors_[row] == kNoLevel ? std::nan("") : colors_[row] / double{kLevels - 1};
    QColor color = dims_ ? theme.axis : level_color(theme, at);
    color.setAlpha(dims_ ? 45 : rows_ > 300 ? 90 : 170);
    painter.setPen(QPen(color, 1.1));
    draw_row(row);
  }
  painter.setPen(QPen(theme.selection, dims_ ? 1.5 : 2.6));
  for (std::size_t row = 0; row < selected_.size(); ++row) {
    if (selected_[row] != 0) draw_row(row);
  }
}

void ParallelPlot::drawRamp(QPainter& painter, QSize size, const Theme& theme) const {
  const Axis* axis = axisOf(color_column_);
  if (axis == nullptr || dims_) return;
  constexpr double kLength = 90, kHeight = 9;
  const QFontMetricsF metrics(painter.font());
  const double ends[] = {axis->scale.low(), axis->scale.high()};
  const std::vector<std::string> labels = tick_labels(ends);
  const QString low = QString::fromStdString(labels[0]), high = QString::fromStdString(labels[1]);
  double x = size.width() - 14 - metrics.horizontalAdvance(high);
  painter.setPen(theme.muted);
  painter.drawText(QPointF(x, 27), high);
  x -= kLength + 6;
  for (int i = 0; i < static_cast<int>(kLength); ++i) {
    painter.fillRect(QRectF(x + i, 27 - kHeight, 1.2, kHeight), level_color(theme, i / kLength));
  }
  x -= metrics.horizontalAdvance(low) + 6;
  painter.drawText(QPointF(x, 27), low);
  const double room = x - 230;
  if (room < 40) return;
  painter.setPen(theme.text);
  const QString name = elided(painter, names_.value(color_column_), std::min(room, 260.0));
  painter.drawText(QPointF(x - 8 - metrics.horizontalAdvance(name), 27), name);
}

void ParallelPlot::drawAxis(QPainter& painter, int index, const QRectF& area,
                            const Theme& theme) const {
  const Axis& axis = axes_[static_cast<std::size_t>(index)];
  const double x = index == dragged_ ? drag_x_ : axisX(index, area);
  const bool focused = hasFocus() && index == current_;
  painter.setPen(QPen(focused ? theme.accent : theme.axis, focused ? 2 : 1.2));
  painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  const double spacing = axisCount() > 1 ? area.width() / (axisCount() - 1) : area.width();
  painter.setPen(focused ? theme.accent : theme.text);
  QString name = names_.value(axis.column);
  if (axis.scale.logarithmic()) name = tr("log %1").arg(name);
  const double width =
      std::min(spacing - 8, index == 0 || index + 1 == axisCount() ? 2 * kSide - 8 : 400.0);
  const QFontMetricsF letters(painter.font());
  QStringList lines{name};
  // A long name stands on two lines: "accuracy" above its data set and epochs.
  if (const qsizetype blank = name.indexOf(' ');
      blank > 0 && letters.horizontalAdvance(name) > width) {
    lines = {name.left(blank), name.mid(blank + 1)};
  }
  for (qsizetype i = 0; i < lines.size(); ++i) {
    const double up = 22 + letters.height() * static_cast<double>(lines.size() - i);
    painter.drawText(QRectF(x - width / 2, area.top() - up, width, letters.height()),
                     Qt::AlignCenter, elided(painter, lines[i], width));
  }
  painter.setPen(theme.muted);
  painter.drawText(QRectF(x - 20, area.top() - 21, 40, 18), Qt::AlignCenter,
                   axis.inverted ? QStringLiteral("▼") : QStringLiteral("▲"));
  const QFontMetricsF metrics(painter.font());
  const auto ticks = axis.scale.ticks(std::max(2, static_cast<int>(area.height() / 70)));
  const std::vector<std::string> labels = tick_labels(ticks);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double share = axis.scale.share(ticks[i]);
    const double y = area.bottom() - (axis.inverted ? 1 - share : share) * area.height();
    painter.setPen(QPen(theme.axis, 1));
    painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y));
    const QString text = QString::fromStdString(labels[i]);
    const QRectF label(x + 6, y - metrics.height() / 2, metrics.horizontalAdvance(text) + 4,
                       metrics.height());
    QColor back = theme.background;
    back.setAlpha(200);
    painter.fillRect(label, back);
    painter.setPen(theme.text);
    painter.drawText(label, Qt::AlignCenter, text);
  }
  if (!axis.brush) return;
  const double top = area.bottom() - axis.brush->second * area.height();
  const double bottom = area.bottom() - axis.brush->first * area.height();
  QColor fill = theme.accent;
  fill.setAlpha(150);
  painter.setPen(QPen(theme.hover, 1.4));
  painter.setBrush(fill);
  painter.drawRoundedRect(QRectF(x - 6, top, 12, bottom - top), 3, 3);
}

}  // namespace nas
