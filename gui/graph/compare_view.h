#pragma once

#include <QWidget>
#include <vector>

#include "core/api/search_space.h"

class QHBoxLayout;
class QTableWidget;

namespace nas {

class CellPicture;
class ElidedLabel;
class GraphView;

/// Two to four architectures of a space side by side: drawings that zoom and pan together, with the
/// nodes marked that the first one does not have (in the first: that not all others have), and a
/// table of costs and decisions where differences are strong.
class CompareView final : public QWidget {
  Q_OBJECT

 public:
  explicit CompareView(QWidget* parent = nullptr);

  /// `tasks`: what each is built for. Throws Error(kUsage) for fewer than two or more than four
  /// architectures.
  void setArchitectures(const SearchSpace& space, const std::vector<Architecture>& architectures,
                        const std::vector<Task>& tasks);
  const std::vector<GraphView*>& views() const { return views_; }
  int differingDecisions() const { return differing_; }
  void waitForLayout();

 public Q_SLOTS:
  void showDifference(int step);  ///< in all drawings; 1: the next, -1: the one before

 private:
  struct Column;
  void addColumn(const SearchSpace& space, const Architecture& architecture, const Column& column);
  void fillTable(const SearchSpace& space, const std::vector<Architecture>& architectures,
                 const std::vector<Column>& columns);
  void follow(const GraphView* leader);

  QWidget* drawings_;
  QHBoxLayout* row_;
  ElidedLabel* hint_;
  QTableWidget* table_;
  std::vector<GraphView*> views_;
  std::vector<QWidget*> columns_;
  int differing_ = 0;
  bool following_ = false;
};

}  // namespace nas
