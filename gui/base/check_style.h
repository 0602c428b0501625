#pragma once

#include <QProxyStyle>

namespace nas {

/// The style of the desktop (or another one) with boxes and circles to tick that can be seen on
/// dark and on light ground: in lists, menus, forms and tables.
class CheckStyle final : public QProxyStyle {
  Q_OBJECT

 public:
  using QProxyStyle::QProxyStyle;

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
};

}  // namespace nas
