#include "gui/graph/layer_bars.h"

#include <QBoxLayout>
#include <QComboBox>
#include <cmath>
#include <limits>

#include "core/ir/draw/op_colours.h"
#include "core/util/text.h"
#include "gui/graph/node_facts.h"
#include "gui/plots/bars_plot.h"

namespace nas {
namespace {

enum Cost { kMacs, kParameters, kMemory, kLatency };

QString words(std::string_view text) {
  return QString::fromStdString(printable(std::string(text)));
}

}  // namespace

LayerBars::LayerBars(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 4, 0, 0);
  cost_ = new QComboBox(this);
  cost_->setAccessibleName(tr("Cost of the layers"));
  cost_->addItem(tr("MACs by layer"), kMacs);
  cost_->addItem(tr("Parameters by layer"), kParameters);
  cost_->addItem(tr("Output memory by layer"), kMemory);
  cost_->addItem(tr("Latency by layer"), kLatency);
  plot_ = new BarsPlot(this);
  layout->addWidget(cost_);
  layout->addWidget(plot_, 1);
  connect(cost_, &QComboBox::currentIndexChanged, this, &LayerBars::fill);
  connect(plot_, &BarsPlot::opened, this,
          [this](int bar) { Q_EMIT nodeOpened(nodes_[static_cast<std::size_t>(bar)]); });
}

void LayerBars::setGraph(const ArchGraph& graph, std::vector<double> latency_ms) {
  graph_ = graph;
  latency_ms_ = std::move(latency_ms);
  if (!latency_ms_.empty()) cost_->setCurrentIndex(cost_->findData(kLatency));
  fill();
}

double LayerBars::costOf(NodeId node, int cost) const {
  switch (cost) {
    case kMacs:
      return static_cast<double>(graph_.cost(node).macs);
    case kParameters:
      return static_cast<double>(params_of(graph_, node));
    case kMemory:
      return static_cast<double>(output_bytes(graph_, node)) / 1000;
    default:
      return node < latency_ms_.size() ? latency_ms_[node]
                                       : std::numeric_limits<double>::quiet_NaN();
  }
}

void LayerBars::fill() {
  const int cost = cost_->currentData().toInt();
  const QString units[] = {tr("MACs"), tr("params"), QStringLiteral("kB"), QStringLiteral("ms")};
  std::vector<Bar> bars;
  nodes_.clear();
  for (NodeId node = 0; node < graph_.size(); ++node) {
    const double value = costOf(node, cost);
    if (value == 0) continue;
    const FamilyColours& own = colours_of(graph_.op(node).family);
    bars.push_back({.label = words(graph_.path(node)),
                    .value = value,
                    .group = words(own.name),
                    .light = QColor(words(own.stroke)),
                    .dark = QColor(words(own.dark_stroke))});
    nodes_.push_back(node);
  }
  const bool unmeasured = cost == kLatency && latency_ms_.empty();
  if (unmeasured) {
    bars.clear();
    nodes_.clear();
  }
  plot_->setEmptyText(unmeasured ? tr("Not measured: Architecture, Measure latency")
                                 : tr("No layer of this network has this cost."));
  plot_->setBars(cost_->currentText(), units[cost], std::move(bars));
}

}  // namespace nas
