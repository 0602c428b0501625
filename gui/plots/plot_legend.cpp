#include "gui/plots/plot_legend.h"

#include <QPainter>
#include <QStringList>
#include <algorithm>
#include <utility>

#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kGap = 6;                               ///< between a mark and its name
constexpr double kEntryGap = 16;                         ///< between two entries
constexpr double kLeft = 14, kBaseLine = 27, kTop = 46;  ///< of a header
constexpr double kLegendPart = 0.4;                      ///< of the height of a plot, at most
constexpr double kNames[] = {220, 150, 100, 64, 40};     ///< widths of names, pixels

bool is_line(LegendMark mark) {
  return mark == LegendMark::kLine || mark == LegendMark::kMarkedLine ||
         mark == LegendMark::kDashed;
}

double mark_width(const LegendEntry& entry) {
  return is_line(entry.mark) ? 18 : entry.mark == LegendMark::kBox ? 12 : 10;
}

void draw_mark_of(QPainter& painter, const LegendEntry& entry, QPointF middle, double width) {
  const QPointF left = middle - QPointF(width / 2, 0), right = middle + QPointF(width / 2, 0);
  switch (entry.mark) {
    case LegendMark::kLine:
    case LegendMark::kMarkedLine:
    case LegendMark::kDashed: {
      const bool dashed = entry.mark == LegendMark::kDashed;
      painter.setPen(QPen(entry.color, dashed ? 1.6 : 2.2, dashed ? Qt::DashLine : Qt::SolidLine));
      painter.drawLine(left, right);
      if (entry.mark != LegendMark::kMarkedLine) return;
      painter.setPen(Qt::NoPen);
      painter.setBrush(entry.color);
      return draw_mark(painter, entry.shape, middle, 3.6);
    }
    case LegendMark::kBar:
      painter.setPen(QPen(entry.color, 1.3));
      painter.drawLine(left, right);
      for (const QPointF end : {left, right}) {
        painter.drawLine(end - QPointF(0, 3), end + QPointF(0, 3));
      }
      return;
    case LegendMark::kCross:
      return draw_cross(painter, middle, 4.5, entry.color);
    case LegendMark::kBox:
      painter.setPen(QPen(entry.color, 1.3));
      painter.setBrush(entry.fill);
      painter.drawRoundedRect(QRectF(left.x(), middle.y() - 6, width, 12), 3, 3);
      return;
    case LegendMark::kShape:
      painter.setPen(Qt::NoPen);
      painter.setBrush(entry.color);
      return draw_mark(painter, entry.shape, middle, 4);
  }
}

QFont title_font(QFont font) {
  if (font.pointSizeF() > 0) {
    font.setPointSizeF(font.pointSizeF() * kTitleScale);
  } else {
    font.setPixelSize(std::max(1, static_cast<int>(font.pixelSize() * kTitleScale)));
  }
  font.setWeight(QFont::DemiBold);
  return font;
}

}  // namespace

Legend::Legend(std::vector<LegendEntry> entries, const QFontMetricsF& metrics, double width,
               int most_rows)
    : row_height_(metrics.height() + 5) {
  most_rows = std::max(1, most_rows);
  for (const double most : kNames) {
    place(entries, metrics, width, most);
    if (rows_ <= most_rows) return;
  }
  std::erase_if(placed_, [&](const Placed& one) { return one.row >= most_rows; });
  rows_ = most_rows;
  placed_.back().name = QStringLiteral("+%1").arg(entries.size() - placed_.size() + 1);
}

void Legend::place(const std::vector<LegendEntry>& entries, const QFontMetricsF& metrics,
                   double width, double most_name) {
  placed_.clear();
  rows_ = entries.empty() ? 0 : 1;
  width_ = 0;
  double x = 0;
  for (const LegendEntry& entry : entries) {
    const double mark = mark_width(entry);
    const QString name =
        metrics.elidedText(one_line(entry.name), Qt::ElideRight,
                           std::max(20.0, std::min(most_name, width - mark - kGap)));
    const double own = mark + kGap + metrics.horizontalAdvance(name);
    if (x > 0 && x + own > width) {
      ++rows_;
      x = 0;
    }
    placed_.push_back({entry, name, x, rows_ - 1});
    width_ = std::max(width_, x + own);
    x += own + kEntryGap;
  }
}

QStringList Legend::names() const {
  QStringList names;
  for (const Placed& one : placed_) names << one.name;
  return names;
}

void Legend::draw(QPainter& painter, QPointF at, const Theme& theme) const {
  const double middle = QFontMetricsF(painter.font()).xHeight() / 2;
  for (const Placed& one : placed_) {
    const QPointF base = at + QPointF(one.x, one.row * row_height_);
    const double mark = mark_width(one.entry);
    draw_mark_of(painter, one.entry, base + QPointF(mark / 2, -middle), mark);
    painter.setPen(theme.text);
    painter.drawText(base + QPointF(mark + kGap, 0), one.name);
  }
}

PlotHeader::PlotHeader(const QString& title, std::vector<LegendEntry> entries, const QFont& font,
                       QSizeF plot)
    : title_(one_line(title)),
      title_font_(title_font(font)),
      legend_(entries, QFontMetricsF(font), std::max(40.0, plot.width() - 2 * kLeft),
              static_cast<int>(plot.height() * kLegendPart / (QFontMetricsF(font).height() + 5))) {
  const double whole = QFontMetricsF(title_font_).horizontalAdvance(title_);
  const double room = plot.width() - 2 * kLeft;
  const double rest = room - (legend_.rows() == 0 ? 0 : legend_.width() + 24);
  // A title that is cut a little is no reason for another row.
  beside_ = legend_.rows() <= 1 && (whole <= rest || rest >= room * 0.6);
  title_width_ = std::min(whole, beside_ ? rest : room);
}

double PlotHeader::height() const {
  return kTop + (beside_ ? 0 : legend_.rows() * legend_.rowHeight());
}

void PlotHeader::draw(QPainter& painter, const Theme& theme) const {
  painter.save();
  painter.setFont(title_font_);
  painter.setPen(theme.text);
  painter.drawText(QPointF(kLeft, kBaseLine), elided(painter, title_, title_width_ + 1));
  painter.restore();
  painter.save();
  if (beside_) {
    legend_.draw(painter, {kLeft + title_width_ + 24, kBaseLine}, theme);
  } else {
    legend_.draw(painter, {kLeft, kBaseLine + legend_.rowHeight() + 2}, theme);
  }
  painter.restore();
}

}  // namespace nas
