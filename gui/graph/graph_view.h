#pragma once

#include <QStringList>
#include <optional>

#include "gui/graph/graph_painter.h"
#include "gui/graph/layout_job.h"
#include "gui/plots/canvas.h"

namespace nas {

/// The drawing of a graph: laid out in a thread, then zoomed and panned freely.
///   Ctrl+wheel, Shift+Up/Down, + and - zoom; the wheel, arrows and dragging pan; 0 fits;
///   N and P walk through the boxes, D through the different ones; Enter or a double click opens a
///   group, with Shift the group around a box is folded, Backspace folds all again; Escape cancels
///   a layout.
class GraphView final : public Canvas {
  Q_OBJECT

 public:
  explicit GraphView(QWidget* parent = nullptr);

  void setGraph(const ArchGraph& graph);
  const ArchGraph& graph() const { return graph_; }
  /// -1: so that few enough boxes remain; 0 folds most.
  void setFoldDepth(int depth);
  int foldDepth() const { return options_.fold_depth; }
  /// Marks nodes (by id) that differ from other architectures: a `DifferenceMark` each.
  void setDifferences(std::vector<std::uint8_t> by_node);

  /// Boxes whose operation, details or path hold the text; returns their number.
  /// Paths count only where no box says it itself.
  int find(const QString& text);
  /// Only these operations keep their strength; empty: all do.
  void setOperators(const QStringList& operators);
  QStringList operators() const;  ///< that the graph uses, sorted

  std::shared_ptr<const Layout> layout() const { return job_.layout(); }
  void waitForLayout() {
    while (job_.running()) job_.wait();
  }
  int currentBox() const { return marks_.current; }
  double zoom() const { return zoom_; }
  QPointF center() const { return center_; }

  void draw(QPainter& painter, QSize size, const Theme& theme) override;
  QSize exportSize() const override;

 public Q_SLOTS:
  /// The whole graph, folded further until it can be read where that is possible.
  void fit();
  void showStart();  ///< the whole graph if that is readable, else its beginning
  /// The next box that differs; wraps around.
  void showDifference(int step = 1);
  void zoomBy(double factor);
  void setView(double zoom, QPointF center);
  void findNext(int step = 1);
  void setCurrentBox(int box);
  void showNode(NodeId node);  ///< makes the box that holds it the current one
  void openGroup(int box);
  void closeGroup(int box);  ///< folds the scope that holds the box
  void foldAll();
  void cancelLayout() { job_.cancel(); }

 Q_SIGNALS:
  void layoutChanged();
  void currentChanged(int box);  ///< -1: none
  void viewChanged();            ///< zoom or place
  void foldChanged(int depth);   ///< by `fit`

 protected:
  void fillMenu(QMenu& menu) override;
  void drawOverlay(QPainter& painter, const Theme& theme) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void startLayout();
  void takeLayout();
  void updateMarks();
  void zoomAt(double factor, QPointF at);
  void panBy(QPointF pixels);
  int boxAt(QPointF at) const;
  QPointF toGraph(QPointF at) const;
  void showBox(int box);
  void showNext(const std::vector<std::uint8_t>& among, int step);
  bool says(const LayoutBox& box, const QString& text) const;
  bool lies(const LayoutBox& box, const QString& text) const;
  void showWhole();
  bool foldFurther();
  double fittingZoom() const;
  Legend legend(double width, const Theme& theme) const;
  double legendHeight(double width) const;

  ArchGraph graph_;
  LayoutJob job_;
  LayoutOptions options_;
  GraphMarks marks_;
  std::vector<std::uint8_t> differences_;  ///< by node
  std::optional<NodeId> stay_;             ///< becomes the current box when its layout comes
  QString wanted_;
  QStringList operators_;
  double zoom_ = 1;
  QPointF center_;                              ///< of the view, in the graph's coordinates
  std::vector<const FamilyColours*> families_;  ///< in the drawing
  bool fitted_ = true, cancelled_ = false, dragging_ = false;
  bool fitting_ = false;  ///< `fit` waits for a layout that is folded further
  QPointF pressed_, last_;
};

}  // namespace nas
