#include "gui/plots/axis_plot.h"

#include <QMenu>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "app/presentation/plot_axis.h"

namespace nas {
namespace {

constexpr double kLeft = 70, kMostLeft = 190, kBottom = 64;
constexpr double kTitleRoom = 36;  ///< left of the labels, for the title of the axis
constexpr double kLabelGap = 10;   ///< between two labels

int wanted_across(double width) {
  return std::max(2, static_cast<int>(width / 90));
}

int wanted_upward(double height) {
  return std::max(2, static_cast<int>(height / 55));
}

QStringList labels_of(const std::vector<double>& ticks) {
  QStringList labels;
  for (const std::string& label : tick_labels(ticks)) labels << QString::fromStdString(label);
  return labels;
}

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
  PlotScale& other = scaleOf(axis == Qt::Horizontal ? Qt::Vertical : Qt::Horizontal);
  const PlotScale before = other;
  scaleOf(axis).setLogarithmic(on);
  fitData();
  other.keep(before);
  changed();
}

void AxisPlot::fitTo(std::span<const double> x, std::span<const double> y) {
  std::vector<double> drawn_x, drawn_y;
  const auto collect = [&](auto&& drawn) {
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (!drawn(x[i], y[i])) continue;
      drawn_x.push_back(x[i]);
      drawn_y.push_back(y[i]);
    }
  };
  collect([this](double a, double b) { return x_.places(a) && y_.places(b); });
  // Without any, the axes are those of the points that linear ones would show.
  if (drawn_x.empty())
    collect([](double a, double b) { return std::isfinite(a) && std::isfinite(b); });
  x_.setData(drawn_x);
  y_.setData(drawn_y);
}

void AxisPlot::keepingView(const std::function<void()>& change) {
  const PlotScale x = x_, y = y_;
  change();
  x_.setLogarithmic(x.logarithmic());
  y_.setLogarithmic(y.logarithmic());
  fitData();
  x_.keep(x);
  y_.keep(y);
  changed();
}

const PlotScale& AxisPlot::scale(Qt::Orientation axis) const {
  return axis == Qt::Horizontal ? x_ : y_;
}

PlotHeader AxisPlot::header(QSize size, const Theme& theme) const {
  return {title_, legend(theme), font(), QSizeF(size)};
}

double AxisPlot::leftMargin(double height) const {
  const QFontMetricsF metrics(font());
  double widest = 0;
  for (const QString& label : labels_of(y_.ticks(wanted_upward(height))))
    widest = std::max(widest, metrics.horizontalAdvance(label));
  // In steps: the plot must not tremble while it is panned.
  constexpr double kStep = 10;
  return std::clamp(std::ceil((widest + kTitleRoom) / kStep) * kStep, kLeft, kMostLeft);
}

QRectF AxisPlot::plotArea(QSize size) const {
  const double top = header(size, Theme::of(palette())).height();
  const double height = std::max(10.0, size.height() - top - kBottom);
  const double left = leftMargin(height);
  return {left, top, std::max(10.0, size.width() - left - right_margin_), height};
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
  header(size, theme).draw(painter, theme);
  if (const QString text = note(); !text.isEmpty()) {
    painter.save();
    set_small_font(painter);
    painter.setPen(theme.muted);
    painter.drawText(QPointF(14, size.height() - 9), elided(painter, text, size.width() - 28));
    painter.restore();
  }
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

AxisPlot::Across AxisPlot::across(const QFontMetricsF& metrics, const PlotFrame& frame) const {
  const double right = frame.area.right() + right_margin_ - 2;
  Across found;
  const auto width = [&](std::size_t i) {
    return metrics.horizontalAdvance(found.labels[static_cast<qsizetype>(i)]);
  };
  const auto place_all = [&] {
    bool fits = true;
    found.labels = labels_of(found.ticks);
    found.places.clear();
    for (std::size_t i = 0; i < found.ticks.size(); ++i) {
      const double left = frame.x_at(found.ticks[i]) - width(i) / 2;
      found.places.push_back(std::max(2.0, std::min(left, right - width(i))));
      if (i > 0) fits = fits && found.places[i - 1] + width(i - 1) + kLabelGap <= found.places[i];
    }
    return fits;
  };
  // Long labels want fewer ticks.
  for (int wanted = wanted_across(frame.area.width()); wanted >= 2; --wanted) {
    found.ticks = x_.ticks(wanted);
    if (place_all()) return found;
  }
  // Of more than fit, the first and the last stay: they say how far the axis reaches.
  double free_from = -1e9;
  for (std::size_t i = 0; i + 1 < found.ticks.size(); ++i) {
    const double end = found.places[i] + width(i) + kLabelGap;
    if (i > 0 && (found.places[i] < free_from || end > found.places.back())) {
      found.labels[static_cast<qsizetype>(i)].clear();
    } else {
      free_from = end;
    }
  }
  return found;
}

QStringList AxisPlot::axisLabels(Qt::Orientation axis, QSize size) const {
  const Theme theme = Theme::of(palette());
  const PlotFrame frame{plotArea(size), x_, y_, theme};
  if (axis == Qt::Vertical) return labels_of(y_.ticks(wanted_upward(frame.area.height())));
  QStringList labels = across(QFontMetricsF(font()), frame).labels;
  labels.removeAll(QString());
  return labels;
}

void AxisPlot::drawTicks(QPainter& painter, const PlotFrame& frame) const {
  const QRectF& area = frame.area;
  const QFontMetricsF metrics(painter.font());
  const Across bottom = across(metrics, frame);
  const auto upward = y_.ticks(wanted_upward(area.height()));
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(frame.theme.grid, 1));
  for (const double tick : bottom.ticks) {
    const double x = frame.x_at(tick);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
  for (const double tick : upward) {
    const double y = frame.y_at(tick);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
  }
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(frame.theme.muted);
  for (std::size_t i = 0; i < bottom.places.size(); ++i) {
    painter.drawText(QPointF(bottom.places[i], area.bottom() + metrics.ascent() + 5),
                     bottom.labels[static_cast<qsizetype>(i)]);
  }
  const QStringList labels = labels_of(upward);
  for (std::size_t i = 0; i < upward.size(); ++i) {
    painter.drawText(QRectF(22, frame.y_at(upward[i]) - 10, area.left() - 30, 20),
                     Qt::AlignRight | Qt::AlignVCenter, labels[static_cast<qsizetype>(i)]);
  }
}

void AxisPlot::drawAxes(QPainter& painter, const PlotFrame& frame) const {
  const QRectF& area = frame.area;
  drawTicks(painter, frame);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(frame.theme.axis, 1));
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  painter.drawLine(area.topLeft(), area.bottomLeft());
  painter.setRenderHint(QPainter::Antialiasing);
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
