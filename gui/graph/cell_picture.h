#pragma once

#include <QTransform>

#include "app/reports/cell_sketch.h"
#include "core/api/search_space.h"
#include "core/ir/draw/layered.h"
#include "gui/plots/canvas.h"

namespace nas {

/// The decisions of an architecture at a glance: its cells as small graphs where the space has any,
/// else tiles of its choices, each shaded by its place among the possible ones.
class CellPicture final : public Canvas {
  Q_OBJECT

 public:
  explicit CellPicture(QWidget* parent = nullptr);
  void setArchitecture(const SearchSpace& space, const Architecture& architecture);
  /// Marks decisions that differ from other architectures.
  void setDifferences(std::vector<std::uint8_t> by_decision);
  void clear();
  bool isCell() const { return !cells_.empty(); }

  void draw(QPainter& painter, QSize size, const Theme& theme) override;
  QSize sizeHint() const override { return {300, 200}; }
  QSize minimumSizeHint() const override { return {180, 120}; }

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  /// A cell laid out from left to right, from (0, 0).
  struct Cell {
    CellSketch sketch;
    std::vector<QRectF> places;
    std::vector<Polyline> lines;
    QSizeF extent;
  };
  Cell layOut(CellSketch sketch) const;
  bool differs(const std::vector<std::size_t>& decisions) const;
  /// Cells side by side or one below the other, whichever shows them larger.
  std::vector<QTransform> cellTransforms(QRectF area) const;
  void drawCell(QPainter& painter, const Cell& cell, const Theme& theme) const;
  void drawLines(QPainter& painter, const Cell& cell, const Theme& theme) const;
  void drawVertex(QPainter& painter, const CellSketch::Vertex& vertex, QRectF place,
                  const Theme& theme) const;
  std::vector<QRectF> tilePlaces(QRectF area) const;
  void drawTiles(QPainter& painter, QRectF area, const Theme& theme) const;
  QRectF drawingArea(QSize size) const;
  QStringList cardOf(const std::vector<std::size_t>& decisions) const;

  std::vector<Cell> cells_;
  std::vector<DecisionTile> tiles_;
  int longest_row_ = 0;                               ///< tiles of one row of names
  bool rows_ = false;                                 ///< tiles of one row of names stay in a line
  std::vector<std::pair<QString, QString>> choices_;  ///< decision and choice
  std::vector<std::uint8_t> differs_;
};

}  // namespace nas
