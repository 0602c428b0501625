#include "gui/plots/plot_paint.h"

#include <QFontMetricsF>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kMostCard = 420;
constexpr int kMostCardLines = 14;

void scale_font(QPainter& painter, double factor, QFont::Weight weight) {
  QFont font = painter.font();
  if (font.pointSizeF() > 0) {
    font.setPointSizeF(font.pointSizeF() * factor);
  } else {
    font.setPixelSize(std::max(1, static_cast<int>(font.pixelSize() * factor)));
  }
  font.setWeight(weight);
  painter.setFont(font);
}

}  // namespace

bool holds(QRectF area, QPointF at) {
  return at.x() >= area.left() && at.x() <= area.right() && at.y() >= area.top() &&
         at.y() <= area.bottom();
}

void draw_mark(QPainter& painter, std::size_t shape, QPointF at, double radius) {
  const double r = radius;
  switch (shape % 4) {
    case 0:
      painter.drawEllipse(at, r, r);
      return;
    case 1:
      painter.drawRect(QRectF(at.x() - 0.9 * r, at.y() - 0.9 * r, 1.8 * r, 1.8 * r));
      return;
    case 2:
      painter.drawPolygon(QPolygonF({{at.x(), at.y() - 1.3 * r},
                                     {at.x() + 1.2 * r, at.y() + r},
                                     {at.x() - 1.2 * r, at.y() + r}}));
      return;
    default:
      painter.drawPolygon(QPolygonF({{at.x(), at.y() - 1.4 * r},
                                     {at.x() + 1.4 * r, at.y()},
                                     {at.x(), at.y() + 1.4 * r},
                                     {at.x() - 1.4 * r, at.y()}}));
  }
}

void draw_cross(QPainter& painter, QPointF at, double radius, QColor color) {
  painter.setPen(QPen(color, 1.3));
  const double r = 0.8 * radius;
  painter.drawLine(at - QPointF(r, r), at + QPointF(r, r));
  painter.drawLine(at - QPointF(r, -r), at + QPointF(r, -r));
  painter.setPen(Qt::NoPen);
}

void draw_card(QPainter& painter, QRectF bounds, QPointF at, const QStringList& lines,
               const Theme& theme) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const QFont plain = painter.font();
  QFont strong = plain;
  strong.setWeight(QFont::DemiBold);
  const QFontMetricsF metrics(plain), strong_metrics(strong);
  const qsizetype count = std::min<qsizetype>(lines.size(), kMostCardLines);
  const double most = std::min(kMostCard, bounds.width() - 32);
  QStringList cut;
  double width = 0;
  for (qsizetype i = 0; i < count; ++i) {
    const QFontMetricsF& own = i == 0 ? strong_metrics : metrics;
    cut.append(own.elidedText(one_line(lines[i]), Qt::ElideMiddle, most));
    width = std::max(width, own.horizontalAdvance(cut.back()));
  }
  const double height = metrics.lineSpacing() * static_cast<double>(count) + 12;
  QRectF card(at + QPointF(14, 14), QSizeF(width + 20, height));
  if (card.right() > bounds.right() - 4) card.moveRight(at.x() - 10);
  if (card.bottom() > bounds.bottom() - 4) card.moveBottom(at.y() - 10);
  card.moveLeft(std::max(card.left(), bounds.left() + 4));
  card.moveTop(std::max(card.top(), bounds.top() + 4));
  QColor shadow(0, 0, 0, theme.dark ? 120 : 40);
  painter.setPen(Qt::NoPen);
  painter.setBrush(shadow);
  painter.drawRoundedRect(card.translated(0, 2), 6, 6);
  painter.setPen(QPen(theme.axis, 1));
  painter.setBrush(theme.surface);
  painter.drawRoundedRect(card, 6, 6);
  double y = card.top() + 6 + metrics.ascent();
  for (qsizetype i = 0; i < count; ++i, y += metrics.lineSpacing()) {
    painter.setFont(i == 0 ? strong : plain);
    painter.setPen(i == 0 ? theme.text : theme.muted);
    painter.drawText(QPointF(card.left() + 10, y), cut[i]);
  }
  painter.restore();
}

QString one_line(const QString& text) {
  // Long names are cut before they are measured: measuring costs by character.
  return QString::fromStdString(printable(text.left(600).toStdString()));
}

QString elided(const QPainter& painter, const QString& text, double width) {
  return QFontMetricsF(painter.font()).elidedText(one_line(text), Qt::ElideRight, width);
}

void draw_message(QPainter& painter, QRectF area, const QString& text, const Theme& theme) {
  painter.setPen(theme.muted);
  painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, text);
}

void set_title_font(QPainter& painter) {
  scale_font(painter, kTitleScale, QFont::DemiBold);
}
void set_small_font(QPainter& painter) {
  scale_font(painter, 0.9, QFont::Normal);
}

double device_ratio(const QPainter& painter) {
  if (painter.paintEngine()->type() != QPaintEngine::Raster) return 2;
  return std::max(1.0, painter.device()->devicePixelRatioF());
}

}  // namespace nas
