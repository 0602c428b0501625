#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/api/search_space.h"
#include "core/ir/cost.h"
#include "gui/graph/node_facts.h"

class QBoxLayout;
class QComboBox;
class QLabel;
class QLineEdit;
class QMenu;
class QSplitter;
class QTabWidget;
class QTableWidget;
class QToolButton;

namespace nas {

class CellPicture;
class ElidedLabel;
class GraphView;
class LayerBars;
class MemoryPlot;
struct MemoryTimeline;

/// An architecture with everything around its drawing: find (Ctrl+F), operator filter, folding,
/// zoom, pictures, the decisions, and the facts of the chosen box.
class ArchitecturePanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ArchitecturePanel(QWidget* parent = nullptr);

  /// Throws what `space.build` throws.
  void setArchitecture(const SearchSpace& space, const Architecture& architecture,
                       const Task& task);
  /// A graph that comes from no space (a file), with what is known of it beside its own facts.
  void setGraph(const QString& title, const ArchGraph& graph, std::vector<Fact> known = {});
  /// Milliseconds by node; NaN where unknown.
  void setLatency(std::vector<double> by_node);
  /// Shows what `arch memory` planned; the last one counts.
  void setMemory(MemoryTimeline timeline);

  GraphView& view() { return *view_; }
  /// For pictures without an event loop.
  void waitForLayout();

 public Q_SLOTS:
  void startFind();

 private:
  void addToolbar(QBoxLayout& layout);
  void fillOperators();
  void applyOperators();
  void applyFold(int index);
  void find(const QString& text);
  void showFacts(int box);

  ElidedLabel* title_;
  ElidedLabel* network_;  ///< which network the drawing, the facts and the layers are of
  QLineEdit* find_;
  QLabel* found_;
  QToolButton* operators_;
  QMenu* operator_menu_;
  QComboBox* fold_;
  QSplitter* splitter_;
  GraphView* view_;
  CellPicture* cell_;
  QTableWidget* facts_;
  LayerBars* bars_;
  MemoryPlot* timeline_;
  MemoryLiveness memory_;
  QTabWidget* tabs_ = nullptr;
  std::vector<double> latency_;
  std::vector<Fact> known_;                     ///< of the whole graph, beside what it says itself
  std::optional<std::int64_t> published_macs_;  ///< as the space's papers count
};

}  // namespace nas
