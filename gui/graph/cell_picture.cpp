#include "gui/graph/cell_picture.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "core/api/cell_graph.h"
#include "core/util/text.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kMargin = 12, kVertexHeight = 26, kLargest = 1.4;

QString shown(const std::string& text) {
  return QString::fromStdString(printable(text));
}

}  // namespace

CellPicture::CellPicture(QWidget* parent) : Canvas(parent) {
  setAccessibleName(tr("Decisions of the architecture"));
}

void CellPicture::clear() {
  cell_ = false;
  vertices_.clear();
  lines_.clear();
  choices_.clear();
  differs_.clear();
  update();
}

void CellPicture::setArchitecture(const SearchSpace& space, const Architecture& architecture) {
  clear();
  const std::span<const Decision> decisions = space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const std::size_t choice = architecture.choices[i], count = decisions[i].choices.size();
    choices_.push_back(
        {shown(decisions[i].name), shown(decisions[i].choices[choice]),
         count > 1 ? static_cast<double>(choice) / static_cast<double>(count - 1) : 0.5});
  }
  const auto* cells = dynamic_cast<const CellGraphs*>(&space);
  cell_ = cells != nullptr;
  if (!cell_) return;
  const CellGraph graph = cells->cell_graph(architecture);
  const std::vector<std::string> names = cells->cell_operations();
  for (const std::uint16_t operation : graph.operations) {
    vertices_.push_back({shown(names.at(operation)), operation, {}});
  }
  layCell(graph.edges);
}

void CellPicture::layCell(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& edges) {
  // Laid out from top to bottom and turned by 90 degrees: cells are read from left to right.
  QFont small = font();
  small.setPixelSize(11);
  const QFontMetricsF metrics(small);
  std::vector<BoxSize> sizes;
  for (const Vertex& vertex : vertices_) {
    sizes.push_back({kVertexHeight, std::max(34.0, metrics.horizontalAdvance(vertex.name) + 16)});
  }
  std::vector<BoxEdge> arcs;
  for (const auto& [from, to] : edges) arcs.push_back({from, to});
  LayeredDrawing drawing = draw_layered(sizes, arcs, {});
  for (std::size_t i = 0; i < vertices_.size(); ++i) {
    const auto [x, y] = drawing.corners[i];
    vertices_[i].place = QRectF(y, x, sizes[i].height, sizes[i].width);
  }
  for (Polyline& route : drawing.routes) {
    for (auto& [x, y] : route) std::swap(x, y);
    lines_.push_back(std::move(route));
  }
  extent_ = {drawing.height, drawing.width};
}

void CellPicture::setDifferences(std::vector<std::uint8_t> by_decision) {
  differs_ = std::move(by_decision);
  update();
}

void CellPicture::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = drawingArea(size);
  if (choices_.empty()) {
    draw_message(painter, area, tr("No architecture is open"), theme);
  } else if (cell_) {
    drawCell(painter, area, theme);
  } else {
    drawGrid(painter, area, theme);
  }
  painter.restore();
}

QRectF CellPicture::drawingArea(QSize size) const {
  return QRectF(QPointF(), QSizeF(size)).adjusted(kMargin, kMargin, -kMargin, -kMargin);
}

QTransform CellPicture::cellTransform(QRectF area) const {
  const double zoom = std::min({area.width() / std::max(1.0, extent_.width()),
                                area.height() / std::max(1.0, extent_.height()), kLargest});
  QTransform transform;
  transform.translate(area.center().x(), area.center().y());
  transform.scale(zoom, zoom);
  transform.translate(-extent_.width() / 2, -extent_.height() / 2);
  return transform;
}

QRectF CellPicture::gridPlace(int index, QRectF area) const {
  const auto count = static_cast<int>(choices_.size());
  const int columns = std::clamp(static_cast<int>(area.width() / 96), 1, std::max(1, count));
  const int rows = (count + columns - 1) / columns;
  // Many decisions: cells shrink to coloured fields, and words are left out.
  const double height = std::min(fontMetrics().height() * 2.0 + 8, area.height() / rows);
  const double width = area.width() / columns;
  return {area.left() + (index % columns) * width, area.top() + (index / columns) * height,
          width - 4, height - (height > 8 ? 4 : 1)};
}

void CellPicture::mouseMoveEvent(QMouseEvent* event) {
  const QRectF area = drawingArea(size());
  const QPointF at = event->position();
  if (cell_) {
    const QPointF place = cellTransform(area).inverted().map(at);
    for (const Vertex& vertex : vertices_) {
      if (vertex.place.contains(place)) return setCard(at, {vertex.name});
    }
    return setCard({}, {});
  }
  for (int i = 0; i < static_cast<int>(choices_.size()); ++i) {
    const Choice& choice = choices_[static_cast<std::size_t>(i)];
    if (gridPlace(i, area).contains(at)) return setCard(at, {choice.choice, choice.decision});
  }
  setCard({}, {});
}

void CellPicture::drawCell(QPainter& painter, QRectF area, const Theme& theme) const {
  painter.setTransform(cellTransform(area), true);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.axis, 1.4));
  for (const Polyline& line : lines_) {
    if (line.empty()) continue;
    QPainterPath path(QPointF(line[0].first, line[0].second));
    for (std::size_t i = 1; i < line.size(); ++i) {
      const auto [x0, y0] = line[i - 1];
      const auto [x1, y1] = line[i];
      const double middle = (x0 + x1) / 2;
      path.cubicTo(middle, y0, middle, y1, x1, y1);
    }
    painter.drawPath(path);
  }
  QFont small = painter.font();
  small.setPixelSize(11);
  painter.setFont(small);
  for (const Vertex& vertex : vertices_) {
    // Input and output (0 and 1) are quiet; each operation has its colour.
    const bool port = vertex.operation < 2;
    const QColor ink = port ? theme.axis : theme.seriesColor(vertex.operation - 2);
    QColor fill = ink;
    fill.setAlpha(port ? 30 : 60);
    painter.setPen(QPen(ink, 1.3));
    painter.setBrush(theme.background);
    painter.drawRoundedRect(vertex.place, 6, 6);
    painter.setBrush(fill);
    painter.drawRoundedRect(vertex.place, 6, 6);
    painter.setPen(theme.text);
    painter.drawText(vertex.place, Qt::AlignCenter, vertex.name);
  }
}

void CellPicture::drawGrid(QPainter& painter, QRectF area, const Theme& theme) const {
  const QFontMetricsF metrics(painter.font());
  const double line = metrics.height() * 2 + 4;
  for (int i = 0; i < static_cast<int>(choices_.size()); ++i) {
    const Choice& choice = choices_[static_cast<std::size_t>(i)];
    const QRectF cell = gridPlace(i, area);
    QColor fill = theme.series[0];
    fill.setAlpha(static_cast<int>(26 + 130 * choice.share));
    const bool differs =
        static_cast<std::size_t>(i) < differs_.size() && differs_[static_cast<std::size_t>(i)] != 0;
    painter.setPen(differs ? QPen(theme.selection, 2) : QPen(Qt::NoPen));
    painter.setBrush(fill);
    painter.drawRoundedRect(cell, 4, 4);
    if (cell.height() < metrics.height()) continue;
    painter.setPen(theme.text);
    if (cell.height() < line - 1) {
      painter.drawText(cell, Qt::AlignCenter, elided(painter, choice.choice, cell.width() - 4));
      continue;
    }
    const QRectF upper(cell.left(), cell.top() + 2, cell.width(), metrics.height());
    painter.drawText(upper.translated(0, metrics.height() - 2), Qt::AlignCenter,
                     elided(painter, choice.choice, cell.width() - 6));
    painter.setPen(theme.muted);
    painter.save();
    set_small_font(painter);
    painter.drawText(upper, Qt::AlignCenter, elided(painter, choice.decision, cell.width() - 6));
    painter.restore();
  }
}

}  // namespace nas
