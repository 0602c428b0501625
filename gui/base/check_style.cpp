#include "gui/base/check_style.h"

#include <QPainter>
#include <QStyleOption>
#include <algorithm>

#include "gui/base/theme.h"

namespace nas {

namespace {

constexpr double kSide = 14;

void draw_tick(QPainter& painter, QRectF box, const QColor& ink) {
  painter.setPen(QPen(ink, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPolyline(
      QPolygonF({box.topLeft() + QPointF(0.22 * box.width(), 0.52 * box.height()),
                 box.topLeft() + QPointF(0.43 * box.width(), 0.73 * box.height()),
                 box.topLeft() + QPointF(0.79 * box.width(), 0.28 * box.height())}));
}

void draw_indicator(QPainter& painter, const QStyleOption& option, bool round) {
  const Theme theme = Theme::of(option.palette);
  const bool enabled = (option.state & QStyle::State_Enabled) != 0;
  const bool on = (option.state & QStyle::State_On) != 0;
  const bool partly = (option.state & QStyle::State_NoChange) != 0;
  const double side = std::min({kSide, double(option.rect.width()), double(option.rect.height())});
  QRectF box(0, 0, side - 1, side - 1);
  box.moveCenter(QRectF(option.rect).center());
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor border = enabled ? theme.muted : theme.axis;
  const QColor fill = (on || partly) && enabled ? theme.accent : theme.background;
  const QColor ink = enabled ? theme.background : theme.axis;
  painter.setPen(QPen((on || partly) && enabled ? theme.accent : border, 1.3));
  painter.setBrush(fill);
  if (round) {
    painter.drawEllipse(box);
  } else {
    painter.drawRoundedRect(box, 2.5, 2.5);
  }
  if (partly) {
    painter.setPen(QPen(ink, 2));
    painter.drawLine(box.center() - QPointF(0.25 * side, 0),
                     box.center() + QPointF(0.25 * side, 0));
  } else if (on && round) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawEllipse(box.center(), 0.22 * side, 0.22 * side);
  } else if (on) {
    draw_tick(painter, box, ink);
  }
  if ((option.state & QStyle::State_HasFocus) != 0 && enabled) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.accent, 1));
    painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 4, 4);
  }
  painter.restore();
}

}  // namespace

void CheckStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
                               QPainter* painter, const QWidget* widget) const {
  switch (element) {
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
      return draw_indicator(*painter, *option, false);
    case PE_IndicatorRadioButton:
      return draw_indicator(*painter, *option, true);
    default:
      return QProxyStyle::drawPrimitive(element, option, painter, widget);
  }
}

}  // namespace nas
