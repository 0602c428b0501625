#include "gui/plots/bars_plot.h"

#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/text.h"
#include "gui/plots/plot_data.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr int kBottom = 30, kMargin = 14;
constexpr double kNarrow = 420;

/// "0.282", "2.36M".
QString value_text(double value) {
  if (value < 1e4) return QString::fromStdString(format_short(value, 3));
  constexpr std::pair<double, const char*> kUnits[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                  [value](const auto& u) { return value >= u.first; });
  return QString::fromStdString(format_short(value / unit->first, 3)) + unit->second;
}

}  // namespace

BarsPlot::BarsPlot(QWidget* parent) : Canvas(parent) {
  setAccessibleName(tr("Bars"));
}

void BarsPlot::setBars(const QString& title, const QString& unit, std::vector<Bar> bars) {
  title_ = title;
  unit_ = unit;
  setAccessibleName(title);
  bars_ = std::move(bars);
  order_.resize(bars_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  groups_.clear();
  largest_ = total_ = 0;
  skipped_ = 0;
  group_bars_.clear();
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    const Bar& bar = bars_[i];
    if (!bar.group.isEmpty() && !groups_.contains(bar.group)) {
      groups_.append(bar.group);
      group_bars_.push_back(i);
    }
    if (!std::isfinite(bar.value) || bar.value < 0) {
      ++skipped_;
      continue;
    }
    largest_ = std::max(largest_, bar.value);
    total_ += bar.value;
  }
  first_ = 0;
  current_ = -1;
  sorted_ = false;
  update();
}

int BarsPlot::rowHeight() const {
  return std::max(20, fontMetrics().height() + 6);
}

PlotHeader BarsPlot::header(QSize size, const Theme& theme) const {
  std::vector<LegendEntry> entries;
  for (const std::size_t bar : group_bars_) {
    entries.push_back({bars_[bar].group, colorOf(bars_[bar], theme), 1, LegendMark::kShape});
  }
  return {title_, std::move(entries), font(), QSizeF(size)};
}

int BarsPlot::top(QSize size) const {
  return static_cast<int>(header(size, Theme::of(palette())).height());
}

int BarsPlot::visibleRows(QSize size) const {
  return std::max(1, (size.height() - top(size) - kBottom) / rowHeight());
}

QColor BarsPlot::colorOf(const Bar& bar, const Theme& theme) const {
  const QColor& own = theme.dark ? bar.dark : bar.light;
  if (own.isValid()) return own;
  return theme.seriesColor(
      static_cast<std::size_t>(std::max<qsizetype>(0, groups_.indexOf(bar.group))));
}

QString BarsPlot::note() const {
  QString text = tr("Total %1 %2 in %3 rows").arg(number_text(total_), unit_).arg(bars_.size());
  if (skipped_ > 0) text += tr("; %1 without a value").arg(counted(skipped_));
  return text;
}

void BarsPlot::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  header(size, theme).draw(painter, theme);
  if (bars_.empty()) {
    draw_message(painter, QRectF(QPointF(), QSizeF(size)), emptyText(), theme);
    painter.restore();
    return;
  }
  const int above = top(size);
  const QFontMetricsF metrics(painter.font());
  const int rows = std::min(visibleRows(size), static_cast<int>(bars_.size()) - first_);
  double label_width = 40;
  for (int i = 0; i < rows; ++i) {
    const QString& label = barAt(first_ + i).label;
    label_width = std::max(label_width, metrics.horizontalAdvance(label.left(200)));
  }
  label_width = std::min(label_width, size.width() * 0.42);
  for (int i = 0; i < rows; ++i) {
    const QRectF line(kMargin, above + i * rowHeight(), size.width() - 2 * kMargin - 8,
                      rowHeight());
    drawRow(painter, first_ + i, line, label_width, theme);
  }
  const int all = static_cast<int>(bars_.size());
  if (visibleRows(size) < all) {
    const double height = size.height() - above - kBottom;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.grid);
    painter.drawRoundedRect(QRectF(size.width() - 10, above, 5, height), 2.5, 2.5);
    painter.setBrush(theme.axis);
    painter.drawRoundedRect(QRectF(size.width() - 10, above + height * first_ / all, 5,
                                   std::max(14.0, height * visibleRows(size) / all)),
                            2.5, 2.5);
  }
  set_small_font(painter);
  painter.setPen(theme.muted);
  painter.drawText(QPointF(kMargin, size.height() - 9), elided(painter, note(), size.width() - 28));
  painter.restore();
}

void BarsPlot::drawRow(QPainter& painter, int row, QRectF line, double label_width,
                       const Theme& theme) const {
  const Bar& bar = barAt(row);
  if (row == current_) painter.fillRect(line.adjusted(-4, 0, 4, 0), theme.grid);
  painter.setPen(theme.text);
  painter.drawText(QRectF(line.left(), line.top(), label_width, line.height()),
                   Qt::AlignRight | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(bar.label.left(400), Qt::ElideLeft,
                                                    static_cast<int>(label_width)));
  const bool good = std::isfinite(bar.value) && bar.value >= 0;
  // Narrow plots keep their room for bars: unit and share stand in the note and on the card.
  const bool narrow = line.width() < kNarrow;
  QString text = good ? value_text(bar.value) : tr("no value");
  if (good && !narrow) text += " " + unit_;
  if (good && !narrow && total_ > 0) {
    text += QStringLiteral("  %1 %").arg(100 * bar.value / total_, 0, 'f', 1);
  }
  const QFontMetricsF metrics(painter.font());
  const double value_width = metrics.horizontalAdvance(narrow ? QStringLiteral("888.8M")
                                                              : "888.88M " + unit_ + "  88.8 %");
  const double left = line.left() + label_width + 10;
  const double room = std::max(4.0, line.right() - left - value_width - 8);
  const double width = good && largest_ > 0 ? std::max(1.0, bar.value / largest_ * room) : 0;
  painter.setPen(Qt::NoPen);
  painter.setBrush(colorOf(bar, theme));
  if (width > 0) {
    painter.drawRoundedRect(QRectF(left, line.top() + 3, width, line.height() - 6), 2, 2);
  }
  painter.setPen(theme.muted);
  // Where there is no bar, "no value" in any language may take its room.
  const double start = left + width + 8;
  painter.drawText(
      QRectF(start, line.top(), std::max(value_width, line.right() - start), line.height()),
      Qt::AlignLeft | Qt::AlignVCenter, text);
}

int BarsPlot::rowAt(QPointF at) const {
  const int line = static_cast<int>(std::floor((at.y() - top(size())) / rowHeight()));
  const int row = first_ + line;
  const bool inside =
      line >= 0 && line < visibleRows(size()) && row < static_cast<int>(bars_.size());
  return inside ? row : -1;
}

void BarsPlot::scrollTo(int first) {
  first_ = std::clamp(first, 0, std::max(0, static_cast<int>(bars_.size()) - visibleRows(size())));
  update();
}

void BarsPlot::setCurrent(int row) {
  if (bars_.empty()) return;
  current_ = std::clamp(row, 0, static_cast<int>(bars_.size()) - 1);
  if (current_ < first_) scrollTo(current_);
  if (current_ >= first_ + visibleRows(size())) scrollTo(current_ - visibleRows(size()) + 1);
  update();
}

void BarsPlot::fillMenu(QMenu& menu) {
  QAction* sort = menu.addAction(tr("&Largest first"));
  sort->setCheckable(true);
  sort->setChecked(sorted_);
  connect(sort, &QAction::toggled, this, [this](bool on) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (on) {
      std::stable_sort(order_.begin(), order_.end(), [this](std::size_t a, std::size_t b) {
        const auto rank = [this](std::size_t i) {
          return std::isfinite(bars_[i].value) ? bars_[i].value : -1.0;
        };
        return rank(a) > rank(b);
      });
    }
    sorted_ = on;
    update();
  });
}

void BarsPlot::mouseMoveEvent(QMouseEvent* event) {
  const int row = rowAt(event->position());
  if (row < 0) return setCard({}, {});
  const Bar& bar = barAt(row);
  QStringList lines{bar.label, number_text(bar.value) + " " + unit_};
  if (total_ > 0 && bar.value >= 0) {
    lines.append(tr("%1 % of all").arg(100 * bar.value / total_, 0, 'f', 1));
  }
  if (!bar.group.isEmpty()) lines.append(bar.group);
  setCard(event->position(), lines);
}

void BarsPlot::mousePressEvent(QMouseEvent* event) {
  const int row = rowAt(event->position());
  if (event->button() != Qt::LeftButton || row < 0) return;
  setCurrent(row);
  Q_EMIT opened(static_cast<int>(order_[static_cast<std::size_t>(row)]));
}

void BarsPlot::wheelEvent(QWheelEvent* event) {
  scrollTo(first_ - (event->angleDelta().y() > 0 ? 3 : -3));
  event->accept();
}

void BarsPlot::keyPressEvent(QKeyEvent* event) {
  const int page = visibleRows(size());
  switch (event->key()) {
    case Qt::Key_Down:
      return setCurrent(current_ + 1);
    case Qt::Key_Up:
      return setCurrent(current_ - 1);
    case Qt::Key_PageDown:
      return setCurrent(current_ + page);
    case Qt::Key_PageUp:
      return setCurrent(current_ - page);
    case Qt::Key_Home:
      return setCurrent(0);
    case Qt::Key_End:
      return setCurrent(static_cast<int>(bars_.size()) - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ >= 0) {
        Q_EMIT opened(static_cast<int>(order_[static_cast<std::size_t>(current_)]));
      }
      return;
    default:
      Canvas::keyPressEvent(event);
  }
}

}  // namespace nas
