#pragma once

#include <QWidget>
#include <vector>

#include "core/ir/arch_graph.h"

class QComboBox;

namespace nas {

class BarsPlot;

/// A cost of every layer as bars: MACs, parameters, memory, and the latency where it was measured.
class LayerBars final : public QWidget {
  Q_OBJECT

 public:
  explicit LayerBars(QWidget* parent = nullptr);
  /// `latency_ms` is by node, NaN where unknown; empty: not measured. Layers without the cost are
  /// left out.
  void setGraph(const ArchGraph& graph, std::vector<double> latency_ms);
  BarsPlot& plot() { return *plot_; }

 Q_SIGNALS:
  void nodeOpened(NodeId node);

 private:
  void fill();
  double costOf(NodeId node, int cost) const;

  ArchGraph graph_;
  std::vector<double> latency_ms_;
  std::vector<NodeId> nodes_;  ///< by bar
  QComboBox* cost_;
  BarsPlot* plot_;
};

}  // namespace nas
