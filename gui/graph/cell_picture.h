#pragma once

#include <QTransform>

#include "core/api/search_space.h"
#include "core/ir/layered.h"
#include "gui/plots/canvas.h"

namespace nas {

/// The decisions of an architecture at a glance: the cell as a small graph where the space has one,
/// else a grid of all choices, each shaded by its place among the possible ones.
class CellPicture final : public Canvas {
  Q_OBJECT

 public:
  explicit CellPicture(QWidget* parent = nullptr);
  void setArchitecture(const SearchSpace& space, const Architecture& architecture);
  /// Marks decisions that differ from other architectures.
  void setDifferences(std::vector<std::uint8_t> by_decision);
  void clear();
  bool isCell() const { return cell_; }

  void draw(QPainter& painter, QSize size, const Theme& theme) override;
  QSize sizeHint() const override { return {300, 200}; }
  QSize minimumSizeHint() const override { return {180, 120}; }

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  struct Vertex {
    QString name;
    std::size_t operation = 0;
    QRectF place;
  };
  struct Choice {
    QString decision, choice;
    double share = 0;  ///< of the choice among the possible ones, 0 to 1
  };

  void layCell(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& edges);
  void drawCell(QPainter& painter, QRectF area, const Theme& theme) const;
  void drawGrid(QPainter& painter, QRectF area, const Theme& theme) const;
  QRectF drawingArea(QSize size) const;
  QTransform cellTransform(QRectF area) const;
  QRectF gridPlace(int index, QRectF area) const;

  bool cell_ = false;
  std::vector<Vertex> vertices_;
  std::vector<Polyline> lines_;
  QSizeF extent_;
  std::vector<Choice> choices_;
  std::vector<std::uint8_t> differs_;
};

}  // namespace nas
