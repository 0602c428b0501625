#include "gui/graph/cell_picture.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/ir/draw/op_colours.h"
#include "core/util/text.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kMargin = 12, kVertexHeight = 26, kPlaceSize = 20, kLargest = 1.4;
constexpr double kTitle = 16;    ///< above a cell that has one
constexpr double kBetween = 14;  ///< two cells
constexpr int kLeastRow = 3;     ///< tiles that make a row of their own

QString shown(const std::string& text) {
  return QString::fromStdString(printable(text));
}

QColor own_color(std::string_view text) {
  return QColor(QLatin1String(text.data(), static_cast<qsizetype>(text.size())));
}

QFont vertex_font(QFont font) {
  font.setPixelSize(11);
  return font;
}

}  // namespace

CellPicture::CellPicture(QWidget* parent) : Canvas(parent) {
  setAccessibleName(tr("Decisions of the architecture"));
}

void CellPicture::clear() {
  cells_.clear();
  tiles_.clear();
  choices_.clear();
  differs_.clear();
  update();
}

void CellPicture::setArchitecture(const SearchSpace& space, const Architecture& architecture) {
  clear();
  const std::span<const Decision> decisions = space.decisions();
  const std::vector<std::string> names = chosen_names(space, architecture);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    choices_.emplace_back(shown(decisions[i].name), shown(names[i]));
  }
  for (CellSketch& sketch : cell_sketches(space, architecture))
    cells_.push_back(layOut(std::move(sketch)));
  if (isCell()) return;
  tiles_ = decision_tiles(space, architecture);
  std::map<std::string, int> row_sizes;
  for (const DecisionTile& tile : tiles_) ++row_sizes[tile.row];
  longest_row_ = 0;
  for (const auto& [name, size] : row_sizes) {
    if (!name.empty()) longest_row_ = std::max(longest_row_, size);
  }
  rows_ = longest_row_ >= kLeastRow;
}

CellPicture::Cell CellPicture::layOut(CellSketch sketch) const {
  // Laid out from top to bottom and turned by 90 degrees: cells are read from left to right.
  const QFontMetricsF metrics(vertex_font(font()));
  std::vector<BoxSize> sizes;
  for (const CellSketch::Vertex& vertex : sketch.vertices) {
    if (vertex.kind == CellSketch::Kind::kPlace) {
      sizes.push_back({kPlaceSize, kPlaceSize});
    } else {
      sizes.push_back(
          {kVertexHeight, std::max(34.0, metrics.horizontalAdvance(shown(vertex.name)) + 16)});
    }
  }
  std::vector<BoxEdge> arcs;
  for (const auto& [from, to] : sketch.edges) arcs.push_back({from, to});
  LayeredDrawing drawing = draw_layered(sizes, arcs, {});
  Cell cell{std::move(sketch), {}, {}, {drawing.height, drawing.width}};
  const double top = cell.sketch.title.empty() ? 0 : kTitle;
  cell.extent.rheight() += top;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto [x, y] = drawing.corners[i];
    cell.places.emplace_back(y, x + top, sizes[i].height, sizes[i].width);
  }
  for (Polyline& route : drawing.routes) {
    for (auto& [x, y] : route) {
      std::swap(x, y);
      y += top;
    }
    cell.lines.push_back(std::move(route));
  }
  return cell;
}

void CellPicture::setDifferences(std::vector<std::uint8_t> by_decision) {
  differs_ = std::move(by_decision);
  update();
}

bool CellPicture::differs(const std::vector<std::size_t>& decisions) const {
  return std::any_of(decisions.begin(), decisions.end(), [this](std::size_t decision) {
    return decision < differs_.size() && differs_[decision] != 0;
  });
}

void CellPicture::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = drawingArea(size);
  if (choices_.empty()) {
    draw_message(painter, area, tr("No architecture is open"), theme);
  } else if (isCell()) {
    const std::vector<QTransform> transforms = cellTransforms(area);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      painter.save();
      painter.setTransform(transforms[i], true);
      drawCell(painter, cells_[i], theme);
      painter.restore();
    }
  } else {
    drawTiles(painter, area, theme);
  }
  painter.restore();
}

QRectF CellPicture::drawingArea(QSize size) const {
  return QRectF(QPointF(), QSizeF(size)).adjusted(kMargin, kMargin, -kMargin, -kMargin);
}

std::vector<QTransform> CellPicture::cellTransforms(QRectF area) const {
  const auto extent = [this](bool across) {
    double along = 0, widest = 1;
    for (const Cell& cell : cells_) {
      along += (across ? cell.extent.width() : cell.extent.height()) + kBetween;
      widest = std::max(widest, across ? cell.extent.height() : cell.extent.width());
    }
    along = std::max(1.0, along - kBetween);
    return across ? QSizeF(along, widest) : QSizeF(widest, along);
  };
  const auto zoom_of = [&](QSizeF size) {
    return std::min({area.width() / size.width(), area.height() / size.height(), kLargest});
  };
  const bool across = zoom_of(extent(true)) > zoom_of(extent(false));
  const QSizeF whole = extent(across);
  const double zoom = std::max(0.01, zoom_of(whole));
  std::vector<QTransform> transforms;
  double at = 0;
  for (const Cell& cell : cells_) {
    QTransform transform;
    transform.translate(area.center().x(), area.center().y());
    transform.scale(zoom, zoom);
    transform.translate(-whole.width() / 2, -whole.height() / 2);
    // Centred the other way.
    transform.translate(across ? at : (whole.width() - cell.extent.width()) / 2,
                        across ? (whole.height() - cell.extent.height()) / 2 : at);
    at += (across ? cell.extent.width() : cell.extent.height()) + kBetween;
    transforms.push_back(transform);
  }
  return transforms;
}

std::vector<QRectF> CellPicture::tilePlaces(QRectF area) const {
  // A line ends when it is full, or with its row of names. A row that just fits is not broken: what
  // would stand below begins no row of its own.
  int most = std::max(1, static_cast<int>(area.width() / (rows_ ? 52 : 96)));
  if (rows_) most = std::max(most, std::min(longest_row_, static_cast<int>(area.width() / 40)));
  std::vector<std::pair<int, int>> cells;  // line and column
  int line = 0, column = 0, widest = 1;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    const bool next = rows_ && i > 0 && tiles_[i].row != tiles_[i - 1].row;
    if (i > 0 && (next || column == most)) {
      ++line;
      column = 0;
    }
    cells.emplace_back(line, column++);
    widest = std::max(widest, column);
  }
  const double width = area.width() / (rows_ ? widest : std::min(most, std::max(1, widest)));
  const double height = std::min(fontMetrics().height() * 2.0 + 8, area.height() / (line + 1));
  std::vector<QRectF> places;
  for (const auto& [y, x] : cells) {
    places.emplace_back(area.left() + x * width, area.top() + y * height, width - 4,
                        height - (height > 8 ? 4 : 1));
  }
  return places;
}

QStringList CellPicture::cardOf(const std::vector<std::size_t>& decisions) const {
  QStringList lines;
  for (const std::size_t decision : decisions)
    lines << choices_[decision].first + ": " + choices_[decision].second;
  if (differs(decisions)) lines << tr("differs from the other architectures");
  return lines;
}

void CellPicture::mouseMoveEvent(QMouseEvent* event) {
  const QRectF area = drawingArea(size());
  const QPointF at = event->position();
  if (isCell()) {
    const std::vector<QTransform> transforms = cellTransforms(area);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const QPointF place = transforms[i].inverted().map(at);
      for (std::size_t k = 0; k < cells_[i].places.size(); ++k) {
        if (!cells_[i].places[k].contains(place)) continue;
        const CellSketch::Vertex& vertex = cells_[i].sketch.vertices[k];
        return setCard(at, QStringList{shown(vertex.name)} + cardOf(vertex.decisions));
      }
    }
    return setCard({}, {});
  }
  const std::vector<QRectF> places = tilePlaces(area);
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    if (places[i].contains(at)) return setCard(at, cardOf(tiles_[i].decisions));
  }
  setCard({}, {});
}

void CellPicture::drawCell(QPainter& painter, const Cell& cell, const Theme& theme) const {
  painter.setFont(vertex_font(painter.font()));
  if (!cell.sketch.title.empty()) {
    painter.setPen(theme.muted);
    painter.drawText(QPointF(0, 11), shown(cell.sketch.title));
  }
  drawLines(painter, cell, theme);
  for (std::size_t i = 0; i < cell.places.size(); ++i)
    drawVertex(painter, cell.sketch.vertices[i], cell.places[i], theme);
}

void CellPicture::drawLines(QPainter& painter, const Cell& cell, const Theme& theme) const {
  painter.setBrush(Qt::NoBrush);
  for (std::size_t i = 0; i < cell.lines.size(); ++i) {
    const Polyline& line = cell.lines[i];
    if (line.empty()) continue;
    QPainterPath path(QPointF(line[0].first, line[0].second));
    for (std::size_t k = 1; k < line.size(); ++k) {
      const auto [x0, y0] = line[k - 1];
      const auto [x1, y1] = line[k];
      const double middle = (x0 + x1) / 2;
      path.cubicTo(middle, y0, middle, y1, x1, y1);
    }
    const auto& [from, to] = cell.sketch.edges[i];
    const bool nothing =
        passes_nothing(cell.sketch.vertices[from]) || passes_nothing(cell.sketch.vertices[to]);
    painter.setPen(
        QPen(nothing ? theme.grid : theme.axis, 1.4, nothing ? Qt::DotLine : Qt::SolidLine));
    painter.drawPath(path);
  }
}

void CellPicture::drawVertex(QPainter& painter, const CellSketch::Vertex& vertex, QRectF place,
                             const Theme& theme) const {
  // Ports, places and what passes nothing on are quiet; each operation has the colour of drawings.
  const bool quiet = vertex.kind != CellSketch::Kind::kOperation || passes_nothing(vertex);
  const bool round = vertex.kind == CellSketch::Kind::kPlace;
  const double radius = round ? place.width() / 2 : 6;
  const FamilyColours& own = colours_of(family_named(vertex.name));
  const QColor ink = quiet ? theme.axis : own_color(theme.dark ? own.dark_stroke : own.stroke);
  QColor fill = quiet ? ink : own_color(theme.dark ? own.dark_fill : own.fill);
  if (quiet) fill.setAlpha(30);
  painter.setPen(QPen(ink, 1.3, passes_nothing(vertex) ? Qt::DotLine : Qt::SolidLine));
  painter.setBrush(theme.background);
  painter.drawRoundedRect(place, radius, radius);
  painter.setBrush(fill);
  painter.drawRoundedRect(place, radius, radius);
  if (differs(vertex.decisions)) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.selection, 2.4));
    painter.drawRoundedRect(place.adjusted(-3, -3, 3, 3), radius + 3, radius + 3);
  }
  painter.setPen(quiet ? theme.muted : theme.text);
  painter.drawText(place, Qt::AlignCenter, shown(vertex.name));
}

void CellPicture::drawTiles(QPainter& painter, QRectF area, const Theme& theme) const {
  const std::vector<QRectF> places = tilePlaces(area);
  painter.setFont(vertex_font(painter.font()));
  const double line = QFontMetricsF(painter.font()).height();
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    const DecisionTile& tile = tiles_[i];
    const QRectF cell = places[i];
    QColor fill = theme.series[0];
    fill.setAlpha(static_cast<int>(26 + 130 * tile.share));
    painter.setPen(differs(tile.decisions) ? QPen(theme.selection, 2) : QPen(Qt::NoPen));
    painter.setBrush(fill);
    painter.drawRoundedRect(cell, 4, 4);
    if (cell.height() < line * 0.9) continue;
    const QString text = elided(painter, shown(tile.text), cell.width() - 6);
    painter.setPen(theme.text);
    if (cell.height() < 2 * line) {
      painter.drawText(cell, Qt::AlignCenter, text);
      continue;
    }
    const QRectF half(cell.left(), cell.top() + (cell.height() - 2 * line) / 2, cell.width(), line);
    painter.drawText(half.translated(0, line - 1), Qt::AlignCenter, text);
    painter.setPen(theme.muted);
    QString title = shown(tile.title);
    if (!rows_ && !tile.row.empty()) title = shown(tile.row) + '/' + title;
    painter.drawText(half, Qt::AlignCenter, elided(painter, title, cell.width() - 6));
  }
}

}  // namespace nas
