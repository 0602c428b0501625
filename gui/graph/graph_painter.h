#pragma once

#include <QRectF>
#include <cstdint>
#include <vector>

#include "core/ir/draw/layout.h"
#include "core/ir/draw/op_colours.h"
#include "gui/base/theme.h"
#include "gui/plots/plot_legend.h"

class QPainter;

namespace nas {

/// How a box differs from the other architectures of a comparison.
enum DifferenceMark : std::uint8_t {
  kAlike,
  kAdded,    ///< the first one does not have it: "+"
  kRemoved,  ///< of the first one, and not all others have it: "−"
};

/// What is special about the boxes of a drawing. The vectors are by box; empty: none.
struct GraphMarks {
  int current = -1;                   ///< the box whose facts are shown
  std::vector<std::uint8_t> found;    ///< by the search
  std::vector<std::uint8_t> faded;    ///< by the operator filter
  std::vector<std::uint8_t> differs;  ///< a DifferenceMark each
};

/// Draws a layout in its own coordinates; the painter carries zoom and place. Only boxes and lines
/// that touch `visible` are drawn, and text only where `zoom` leaves it readable.
void draw_graph(QPainter& painter, const ArchGraph& graph, const Layout& layout, const Theme& theme,
                const GraphMarks& marks, QRectF visible, double zoom);

QRectF rect_of(const LayoutBox& box);

/// Thin bars that tell where in a drawing larger than the page one is.
void draw_scroll_marks(QPainter& painter, QRectF page, const Layout& layout, QPointF center,
                       double zoom, const Theme& theme);

/// The families of operations that a drawing uses, in the order of its legend.
std::vector<const FamilyColours*> families_of(const ArchGraph& graph, const Layout& layout);
std::vector<LegendEntry> legend_of(const std::vector<const FamilyColours*>& families,
                                   const Theme& theme);

}  // namespace nas
