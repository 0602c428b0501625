// Boxes and circles to tick are seen in both palettes, ticked or not.
#include <doctest/doctest.h>

#include <QApplication>
#include <QPainter>
#include <QStyleFactory>
#include <QStyleOptionButton>
#include <QStyleOptionMenuItem>
#include <algorithm>
#include <cmath>

#include "gui/base/check_style.h"
#include "gui/base/theme.h"
#include "tests/gui/plots/application.h"

using namespace nas;

namespace {

/// Relative luminance and contrast of the WCAG 2.1.
double luminance(QColor color) {
  const auto part = [](double value) {
    return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * part(color.redF()) + 0.7152 * part(color.greenF()) + 0.0722 * part(color.blueF());
}

double contrast(QColor a, QColor b) {
  const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
  return (light + 0.05) / (dark + 0.05);
}

/// The strongest contrast of any pixel with the ground that it is painted on.
double seen(const CheckStyle& style, const Theme& theme, const QColor& ground,
            QStyle::PrimitiveElement element, QStyle::State state) {
  QImage image(20, 20, QImage::Format_RGB32);
  image.fill(ground);
  QPainter painter(&image);
  QStyleOptionButton option;
  option.rect = image.rect();
  option.palette = themePalette(theme);
  option.state = state;
  style.drawPrimitive(element, &option, &painter, nullptr);
  painter.end();
  double most = 1;
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) most = std::max(most, contrast(image.pixelColor(x, y), ground));
  }
  return most;
}

}  // namespace

TEST_CASE("boxes to tick are seen on every ground of both palettes") {
  nas::test::application();
  const CheckStyle style(QStyleFactory::create("Fusion"));
  for (const Theme& theme : {Theme::light(), Theme::darkTheme()}) {
    for (const QColor& ground : {theme.background, theme.surface}) {
      for (const QStyle::PrimitiveElement element :
           {QStyle::PE_IndicatorCheckBox, QStyle::PE_IndicatorItemViewItemCheck,
            QStyle::PE_IndicatorRadioButton}) {
        for (const QStyle::State state :
             {QStyle::State_Off, QStyle::State_On, QStyle::State_NoChange}) {
          CAPTURE(theme.dark);
          CAPTURE(static_cast<int>(element));
          CAPTURE(static_cast<int>(state));
          CHECK(seen(style, theme, ground, element, state | QStyle::State_Enabled) >= 3);
          CHECK(seen(style, theme, ground, element, state) >= 2);  // greyed out
        }
      }
    }
  }
}
