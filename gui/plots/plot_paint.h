#pragma once

#include <QColor>
#include <QPointF>
#include <QRectF>
#include <QStringList>
#include <cstddef>
#include <vector>

#include "gui/base/theme.h"

class QPainter;

namespace nas {

constexpr double kTitleScale = 1.15;  ///< letters of a title, of the usual size

/// Whether a point lies in a rectangle. QRectF::contains says so of a point without a place (NaN).
bool holds(QRectF area, QPointF at);

/// Circle, square, triangle, diamond, repeating.
void draw_mark(QPainter& painter, std::size_t shape, QPointF at, double radius);
/// For what does not count: a thin diagonal cross. Leaves no pen.
void draw_cross(QPainter& painter, QPointF at, double radius, QColor color);

/// A card with some lines of plain text near `at`, inside `bounds`; the first line is strong.
void draw_card(QPainter& painter, QRectF bounds, QPointF at, const QStringList& lines,
               const Theme& theme);

/// Foreign text as one line that can be painted: no control characters, not longer than anybody
/// reads.
QString one_line(const QString& text);

/// One line of text cut to `width` pixels with an ellipsis.
QString elided(const QPainter& painter, const QString& text, double width);

/// A message in the middle of an empty plot.
void draw_message(QPainter& painter, QRectF area, const QString& text, const Theme& theme);

/// Text of a title: semibold and a little larger. Restores nothing: call between save and restore.
void set_title_font(QPainter& painter);
void set_small_font(QPainter& painter);

/// Device pixels for a logical one: for pictures that are counted by pixel. Two in SVG and PDF
/// files, which have no pixels.
double device_ratio(const QPainter& painter);

}  // namespace nas
