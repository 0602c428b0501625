#include "gui/plots/axis_plot.h"

#include <QMenu>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace nas {
namespace {

constexpr double kLeft = 70, kTop = 46, kBottom = 64;

}  // namespace

AxisPlot::AxisPlot(QWidget* parent) : Canvas(parent) {
  setAccessibleDescription(
      tr("Arrows pan, plus and minus zoom, 0 fits, X and Y switch logarithmic axes, Enter selects "
         "what is visible, Escape clears the selection"));
}

void AxisPlot::setTitle(const QString& title) {
  title_ = title;
  setAccessibleName(title);
  update();
}

void AxisPlot::setAxisTitles(const QString& x, const QString& y) {
  x_title_ = x;
  y_title_ = y;
}

void AxisPlot::setSelection(Selection* selection) {
  if (selection_ != nullptr) selection_->disconnect(this);
  selection_ = selection;
  if (selection != nullptr) {
    connect(selection, &Selection::changed, this, [this] { selectionChanged(); });
    connect(selection, &Selection::hoverChanged, this, qOverload<>(&QWidget::update));
    connect(selection, &Selection::currentChanged, this, qOverload<>(&QWidget::update));
  }
  selectionChanged();
}

bool AxisPlot::isLogarithmic(Qt::Orientation axis) const {
  return scale(axis).logarithmic();
}

void AxisPlot::setLogarithmic(Qt::Orientation axis, bool on) {
  scaleOf(axis).setLogarithmic(on);
  changed();
}

void AxisPlot::keepingView(const std::function<void()>& change) {
  const PlotScale x = x_, y = y_;
  change();
  x_.keep(x);
  y_.keep(y);
  changed();
}

const PlotScale& AxisPlot::scale(Qt::Orientation axis) const {
  return axis == Qt::Horizontal ? x_ : y_;
}

QRectF AxisPlot::plotArea(QSize size) const {
  return {kLeft, kTop, std::max(10.0, size.width() - kLeft - right_margin_),
          std::max(10.0, size.height() - kTop - kBottom)};
}

PlotFrame AxisPlot::frame(const Theme& theme) const {
  return {plotArea(size()), x_, y_, theme};
}

QPointF AxisPlot::pixel(double x, double y) const {
  return frame(Theme::of(palette())).at(x, y);
}

void AxisPlot::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  const PlotFrame frame{plotArea(size), x_, y_, theme};
  drawHeader(painter, size, frame);
  if (hasData()) {
    drawAxes(painter, frame);
    painter.save();
    painter.setClipRect(frame.area.adjusted(-1, -1, 1, 1));
    drawData(painter, frame);
    painter.restore();
  } else {
    // Rows are there, but none that this plot can place.
    const bool rows = !note().isEmpty() && !hasEmptyText();
    draw_message(painter, frame.area, rows ? tr("No row has finite values here") : emptyText(),
                 theme);
  }
  painter.restore();
}

void AxisPlot::drawHeader(QPainter& painter, QSize size, const PlotFrame& frame) const {
  painter.save();
  set_title_font(painter);
  painter.setPen(frame.theme.text);
  const std::vector<LegendEntry> entries = legend(frame.theme);
  const double title_width = size.width() - 28;
  const QString title = elided(painter, title_, entries.empty() ? title_width : title_width * 0.55);
  painter.drawText(QPointF(14, 27), title);
  const double used = 14 + QFontMetricsF(painter.font()).horizontalAdvance(title) + 22;
  painter.restore();
  if (!entries.empty()) {
    draw_legend(painter, {used, 27}, std::max(0.0, size.width() - used - 30), entries, frame.theme);
  }
  const QString text = note();
  if (text.isEmpty()) return;
  painter.save();
  set_small_font(painter);
  painter.setPen(frame.theme.muted);
  painter.drawText(QPointF(14, size.height() - 9), elided(painter, text, size.width() - 28));
  painter.restore();
}

void AxisPlot::drawAxes(QPainter& painter, const PlotFrame& frame) const {
  const QRectF& area = frame.area;
  const QFontMetricsF metrics(painter.font());
  painter.setRenderHint(QPainter::Antialiasing, false);
  auto ticks_x = x_.ticks(std::max(2, static_cast<int>(area.width() / 90)));
  auto ticks_y = y_.ticks(std::max(2, static_cast<int>(area.height() / 55)));
  const auto broken = [](double tick) { return tick != std::floor(tick); };
  if (counted_x_) std::erase_if(ticks_x, broken);
  if (counted_y_) std::erase_if(ticks_y, broken);
  painter.setPen(QPen(frame.theme.grid, 1));
  for (const double tick : ticks_x) {
    const double x = frame.x_at(tick);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
  for (const double tick : ticks_y) {
    const double y = frame.y_at(tick);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
  }
  painter.setPen(QPen(frame.theme.axis, 1));
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  painter.drawLine(area.topLeft(), area.bottomLeft());
  painter.setRenderHint(QPainter::Antialiasing);

  painter.setPen(frame.theme.muted);
  double free_from = -1e9;
  for (const double tick : ticks_x) {
    const QString text = tick_text(tick);
    const double width = metrics.horizontalAdvance(text), left = frame.x_at(tick) - width / 2;
    if (left < free_from) continue;
    painter.drawText(QPointF(left, area.bottom() + metrics.ascent() + 5), text);
    free_from = left + width + 10;
  }
  for (const double tick : ticks_y) {
    painter.drawText(QRectF(22, frame.y_at(tick) - 10, kLeft - 30, 20),
                     Qt::AlignRight | Qt::AlignVCenter, tick_text(tick));
  }
  painter.setPen(frame.theme.text);
  const auto named = [](const QString& name, const PlotScale& scale) {
    return scale.logarithmic() ? tr("%1, logarithmic").arg(name) : name;
  };
  const QString bottom = elided(painter, named(x_title_, x_), area.width());
  painter.drawText(QRectF(area.left(), area.bottom() + 20, area.width(), 20), Qt::AlignCenter,
                   bottom);
  painter.save();
  painter.translate(12, area.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-area.height() / 2, -10, area.height(), 20), Qt::AlignCenter,
                   elided(painter, named(y_title_, y_), area.height()));
  painter.restore();
}

void AxisPlot::drawOverlay(QPainter& painter, const Theme& theme) {
  if (drag_ == Drag::kBrush || drag_ == Drag::kZoom) {
    QRectF band = QRectF(pressed_, last_).normalized() & plotArea(size());
    if (drag_ == Drag::kBrush && brushesInterval()) {
      band.setTop(plotArea(size()).top());
      band.setBottom(plotArea(size()).bottom());
    }
    const QColor color = drag_ == Drag::kBrush ? theme.selection : theme.accent;
    QColor fill = color;
    fill.setAlpha(36);
    painter.setPen(QPen(color, 1));
    painter.setBrush(fill);
    painter.drawRect(band);
  }
  Canvas::drawOverlay(painter, theme);
}

void AxisPlot::fillMenu(QMenu& menu) {
  menu.addAction(tr("&Fit"), this, &AxisPlot::fit);
  const auto toggle = [&](const QString& text, Qt::Orientation axis) {
    QAction* action = menu.addAction(text);
    action->setCheckable(true);
    action->setChecked(isLogarithmic(axis));
    connect(action, &QAction::toggled, this, [this, axis](bool on) { setLogarithmic(axis, on); });
  };
  toggle(tr("Logarithmic &x axis"), Qt::Horizontal);
  toggle(tr("Logarithmic &y axis"), Qt::Vertical);
  menu.addAction(tr("Select &nothing"), this, &AxisPlot::selectNothing);
}

void AxisPlot::changed() {
  viewChanged();
  update();
}

void AxisPlot::fit() {
  x_.fit();
  y_.fit();
  changed();
}

void AxisPlot::zoomBy(double factor) {
  x_.zoom(factor, 0.5);
  y_.zoom(factor, 0.5);
  changed();
}

void AxisPlot::panBy(double x_share, double y_share) {
  x_.pan(x_share);
  y_.pan(y_share);
  changed();
}

void AxisPlot::selectVisible(bool add) {
  const Theme theme = Theme::of(palette());
  if (selection_ == nullptr || !hasData()) return;
  std::optional<std::vector<RowKey>> keys = keysIn(plotArea(size()), frame(theme));
  if (!keys) return;
  if (add) {
    selection_->add(*keys);
  } else {
    selection_->set(std::move(*keys));
  }
}

void AxisPlot::selectNothing() {
  if (selection_ != nullptr) selection_->clear();
}

}  // namespace nas
