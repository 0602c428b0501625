#include "gui/graph/graph_painter.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace nas {
namespace {

constexpr double kReadable = 0.42;  ///< below this zoom text would be smaller than 5 pixels
constexpr double kRadius = 7;

const FamilyColours& colours(const ArchGraph& graph, const LayoutBox& box) {
  return box.group ? kGroupColours : colours_of(graph.op(box.members.front()).family);
}

QColor color(std::string_view text) {
  return QColor(QLatin1String(text.data(), static_cast<qsizetype>(text.size())));
}

bool marked(const std::vector<std::uint8_t>& marks, std::size_t box) {
  return box < marks.size() && marks[box] != 0;
}

/// Vertical and horizontal runs stay straight, the rest become curves with vertical ends.
QPainterPath path_of(const LayoutEdge& edge) {
  QPainterPath path(QPointF(edge.points[0].first, edge.points[0].second));
  for (std::size_t i = 1; i < edge.points.size(); ++i) {
    const auto [x0, y0] = edge.points[i - 1];
    const auto [x1, y1] = edge.points[i];
    if (x0 == x1 || y0 == y1) {
      path.lineTo(x1, y1);
    } else {
      const double middle = (y0 + y1) / 2;
      path.cubicTo(x0, middle, x1, middle, x1, y1);
    }
  }
  return path;
}

QRectF bounds_of(const LayoutEdge& edge) {
  double left = edge.points[0].first, right = left;
  for (const auto& [x, y] : edge.points) {
    left = std::min(left, x);
    right = std::max(right, x);
  }
  return QRectF(QPointF(left - 4, edge.points.front().second),
                QPointF(right + 4, edge.points.back().second));
}

void draw_edge(QPainter& painter, const LayoutEdge& edge, QColor ink, double width) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(ink, width));
  painter.drawPath(path_of(edge));
  const QPointF tip(edge.points.back().first, edge.points.back().second);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ink);
  painter.drawPolygon(QPolygonF({tip, tip + QPointF(-3.6, -7), tip + QPointF(3.6, -7)}));
}

void draw_edges(QPainter& painter, const Layout& layout, const Theme& theme,
                const GraphMarks& marks, QRectF visible) {
  const QColor plain = theme.dark ? QColor("#6f7a86") : QColor("#8593a0");
  for (const LayoutEdge& edge : layout.edges) {
    if (edge.points.size() < 2 || !bounds_of(edge).intersects(visible)) continue;
    const bool of_current =
        marks.current >= 0 && (edge.from == static_cast<std::uint32_t>(marks.current) ||
                               edge.to == static_cast<std::uint32_t>(marks.current));
    QColor ink = of_current ? theme.accent : plain;
    if (!of_current && (marked(marks.faded, edge.from) || marked(marks.faded, edge.to))) {
      ink.setAlpha(90);
    }
    draw_edge(painter, edge, ink, of_current ? 2.4 : 1.3);
  }
}

void draw_text(QPainter& painter, const LayoutBox& box, const Theme& theme, const QFont& label,
               const QFont& detail) {
  const QRectF rect = rect_of(box);
  painter.setFont(label);
  painter.setPen(theme.text);
  const bool two_lines = !box.detail.empty();
  const QRectF upper = two_lines ? rect.adjusted(0, 4, 0, -rect.height() / 2 + 2) : rect;
  painter.drawText(upper, Qt::AlignCenter, QString::fromStdString(box.label));
  if (!two_lines) return;
  painter.setFont(detail);
  painter.setPen(theme.muted);
  painter.drawText(rect.adjusted(0, rect.height() / 2 - 1, 0, -3), Qt::AlignCenter,
                   QString::fromStdString(box.detail));
}

/// A sign beside the colour, for people who cannot tell the colours apart.
void draw_sign(QPainter& painter, QPointF at, DifferenceMark mark, const Theme& theme) {
  painter.setPen(QPen(theme.background, 1.5));
  painter.setBrush(theme.selection);
  painter.drawEllipse(at, 8, 8);
  painter.setPen(QPen(theme.background, 2.2));
  painter.drawLine(at - QPointF(4, 0), at + QPointF(4, 0));
  if (mark == kAdded) painter.drawLine(at - QPointF(0, 4), at + QPointF(0, 4));
}

void draw_box(QPainter& painter, const ArchGraph& graph, const LayoutBox& box, std::size_t index,
              const Theme& theme, const GraphMarks& marks) {
  const FamilyColours& own = colours(graph, box);
  const QRectF rect = rect_of(box);
  const QColor stroke = color(theme.dark ? own.dark_stroke : own.stroke);
  painter.setBrush(color(theme.dark ? own.dark_fill : own.fill));
  painter.setPen(QPen(stroke, 1.3));
  // A second sheet: there is more inside.
  if (box.group) painter.drawRoundedRect(rect.translated(3, 3), kRadius, kRadius);
  painter.drawRoundedRect(rect, kRadius, kRadius);
  const auto ring = [&](QColor ink, double width, double distance) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink, width));
    painter.drawRoundedRect(rect.adjusted(-distance, -distance, distance, distance),
                            kRadius + distance, kRadius + distance);
  };
  if (marked(marks.differs, index)) ring(theme.selection, 3, 2.5);
  if (marked(marks.found, index)) ring(theme.series[4], 3, 2.5);
  if (marks.current == static_cast<int>(index)) ring(theme.accent, 3, 6);
  if (marked(marks.differs, index)) {
    draw_sign(painter, rect.topRight(), static_cast<DifferenceMark>(marks.differs[index]), theme);
  }
}

}  // namespace

QRectF rect_of(const LayoutBox& box) {
  return {box.x, box.y, box.width, box.height};
}

void draw_graph(QPainter& painter, const ArchGraph& graph, const Layout& layout, const Theme& theme,
                const GraphMarks& marks, QRectF visible, double zoom) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  draw_edges(painter, layout, theme, marks, visible);
  QFont label = painter.font(), detail = painter.font();
  label.setPixelSize(12);
  label.setWeight(QFont::DemiBold);
  detail.setPixelSize(10);
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    const LayoutBox& box = layout.boxes[i];
    if (!rect_of(box).adjusted(-6, -6, 8, 8).intersects(visible)) continue;
    painter.setOpacity(marked(marks.faded, i) ? 0.25 : 1.0);
    draw_box(painter, graph, box, i, theme, marks);
    if (zoom >= kReadable) draw_text(painter, box, theme, label, detail);
  }
  painter.restore();
}

void draw_scroll_marks(QPainter& painter, QRectF page, const Layout& layout, QPointF center,
                       double zoom, const Theme& theme) {
  const auto bar = [&](double length, double at, double shown, auto&& rect_of_part) {
    const double from = std::clamp((at - shown / 2) / length, 0.0, 1.0);
    const double to = std::clamp((at + shown / 2) / length, 0.0, 1.0);
    if (to - from > 0.98 || to - from <= 0) return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.axis);
    painter.drawRoundedRect(rect_of_part(from, std::max(to, from + 0.02)), 2, 2);
  };
  const double w = page.width(), h = page.height();
  bar(layout.height, center.y(), h / zoom, [&](double from, double to) {
    return QRectF(page.right() - 7, page.top() + from * (h - 8), 4, (to - from) * (h - 8));
  });
  bar(layout.width, center.x(), w / zoom, [&](double from, double to) {
    return QRectF(4 + from * (w - 16), page.bottom() - 7, (to - from) * (w - 16), 4);
  });
}

std::vector<const FamilyColours*> families_of(const ArchGraph& graph, const Layout& layout) {
  std::vector<const FamilyColours*> used;
  const auto use = [&](const FamilyColours& own) {
    const bool any =
        std::any_of(layout.boxes.begin(), layout.boxes.end(),
                    [&](const LayoutBox& box) { return &colours(graph, box) == &own; });
    if (any) used.push_back(&own);
  };
  for (const FamilyColours& own : kFamilyColours) use(own);
  use(kGroupColours);
  return used;
}

std::vector<LegendEntry> legend_of(const std::vector<const FamilyColours*>& families,
                                   const Theme& theme) {
  std::vector<LegendEntry> entries;
  for (const FamilyColours* own : families) {
    entries.push_back(
        {.name = QString::fromUtf8(own->name.data(), static_cast<qsizetype>(own->name.size())),
         .color = color(theme.dark ? own->dark_stroke : own->stroke),
         .mark = LegendMark::kBox,
         .fill = color(theme.dark ? own->dark_fill : own->fill)});
  }
  return entries;
}

}  // namespace nas
