#include "gui/base/theme.h"

#include <algorithm>
#include <cmath>

namespace nas {
namespace {

std::array<QColor, kSeriesColours.size()> series_of(const char* SeriesColour::*ground) {
  std::array<QColor, kSeriesColours.size()> colours;
  for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = QColor(kSeriesColours[i].*ground);
  return colours;
}

}  // namespace

Theme Theme::light() {
  return {.dark = false,
          .background = QColor("#ffffff"),
          .surface = QColor("#f6f7f9"),
          .text = QColor("#1f2328"),
          .muted = QColor("#5f6773"),
          .grid = QColor("#e4e6ea"),
          .axis = QColor("#888f99"),
          .accent = QColor("#0b63b0"),
          .selection = QColor("#d55e00"),
          .hover = QColor("#111111"),
          .bound = QColor("#777777"),
          .warning = QColor("#b3261e"),
          .series = series_of(&SeriesColour::light)};
}

Theme Theme::darkTheme() {
  return {.dark = true,
          .background = QColor("#16181c"),
          .surface = QColor("#22262d"),
          .text = QColor("#e4e6ea"),
          .muted = QColor("#9aa2ad"),
          .grid = QColor("#30343b"),
          .axis = QColor("#7a828d"),
          .accent = QColor("#6cb6ff"),
          .selection = QColor("#ff8c42"),
          .hover = QColor("#ffffff"),
          .bound = QColor("#aaaaaa"),
          .warning = QColor("#ff8a80"),
          .series = series_of(&SeriesColour::dark)};
}

Theme Theme::of(const QPalette& palette) {
  return isDark(palette) ? darkTheme() : light();
}

QColor Theme::ramp(double at) const {
  // Viridis (Smith and van der Walt 2015) at steps of a quarter.
  static const std::array<QColor, 5> kStops = {QColor("#440154"), QColor("#3b528b"),
                                               QColor("#21918c"), QColor("#5ec962"),
                                               QColor("#fde725")};
  if (std::isnan(at)) return muted;
  const double place = std::clamp(at, 0.0, 1.0) * static_cast<double>(kStops.size() - 1);
  const auto lower = std::min(static_cast<std::size_t>(place), kStops.size() - 2);
  const double part = place - static_cast<double>(lower);
  const QColor& from = kStops[lower];
  const QColor& to = kStops[lower + 1];
  const auto mix = [part](int a, int b) {
    return static_cast<int>(std::lround(a + part * (b - a)));
  };
  return QColor(mix(from.red(), to.red()), mix(from.green(), to.green()),
                mix(from.blue(), to.blue()));
}

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::WindowText).lightness() >
         palette.color(QPalette::Window).lightness();
}

QPalette themePalette(const Theme& theme) {
  QPalette palette(theme.surface);
  palette.setColor(QPalette::Window, theme.surface);
  palette.setColor(QPalette::WindowText, theme.text);
  palette.setColor(QPalette::Base, theme.background);
  palette.setColor(QPalette::AlternateBase, theme.dark ? QColor("#1b1e23") : QColor("#f7f8fa"));
  palette.setColor(QPalette::Text, theme.text);
  palette.setColor(QPalette::PlaceholderText, theme.muted);
  palette.setColor(QPalette::Button, theme.dark ? QColor("#2a2f37") : QColor("#eceef1"));
  palette.setColor(QPalette::ButtonText, theme.text);
  palette.setColor(QPalette::ToolTipBase, theme.surface);
  palette.setColor(QPalette::ToolTipText, theme.text);
  palette.setColor(QPalette::Highlight, theme.dark ? QColor("#2f5f8f") : QColor("#0b63b0"));
  palette.setColor(QPalette::HighlightedText, QColor("#ffffff"));
  palette.setColor(QPalette::Link, theme.accent);
  palette.setColor(QPalette::LinkVisited, theme.accent);
  for (const QPalette::ColorRole role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, theme.axis);
  }
  return palette;
}

}  // namespace nas
