#include "gui/graph/architecture_panel.h"

#include <QAction>
#include <QBoxLayout>
#include <QComboBox>
#include <QHeaderView>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QShortcut>
#include <QSplitter>
#include <QTabWidget>
#include <QTableWidget>
#include <QToolButton>
#include <algorithm>
#include <iterator>

#include "core/util/text.h"
#include "gui/graph/cell_picture.h"
#include "gui/graph/elided_label.h"
#include "gui/graph/graph_view.h"
#include "gui/graph/layer_bars.h"
#include "gui/graph/memory_plot.h"
#include "gui/graph/network_name.h"

namespace nas {
namespace {

constexpr int kSideWidth = 400;
constexpr double kZoomStep = 1.3;
constexpr int kDepths[] = {-1, 0, 1, 2, 100};  ///< of the entries that choose how deep to open

}  // namespace

ArchitecturePanel::ArchitecturePanel(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Architecture"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  addToolbar(*layout);
  splitter_ = new QSplitter(Qt::Horizontal, this);
  view_ = new GraphView(splitter_);
  auto* side = new QSplitter(Qt::Vertical, splitter_);
  cell_ = new CellPicture(side);
  tabs_ = new QTabWidget(side);
  tabs_->setDocumentMode(true);
  facts_ = new QTableWidget(0, 2, tabs_);
  facts_->setAccessibleName(tr("Facts of the chosen node"));
  facts_->horizontalHeader()->hide();
  facts_->verticalHeader()->hide();
  facts_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  facts_->horizontalHeader()->setStretchLastSection(true);
  facts_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  facts_->setTabKeyNavigation(false);
  facts_->setWordWrap(false);
  facts_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
  facts_->setShowGrid(false);
  facts_->setAlternatingRowColors(true);
  facts_->setSelectionMode(QAbstractItemView::ContiguousSelection);
  side->addWidget(cell_);
  bars_ = new LayerBars(tabs_);
  connect(bars_, &LayerBars::nodeOpened, view_, &GraphView::showNode);
  tabs_->addTab(facts_, tr("Fac&ts"));
  tabs_->addTab(bars_, tr("By &layer"));
  timeline_ = new MemoryPlot(tabs_);
  tabs_->addTab(timeline_, tr("&Memory"));
  side->addWidget(tabs_);
  side->setSizes({200, 400});
  splitter_->addWidget(view_);
  splitter_->addWidget(side);
  splitter_->setStretchFactor(0, 1);
  splitter_->setSizes({900, kSideWidth});
  layout->addWidget(splitter_, 1);
  connect(view_, &GraphView::currentChanged, this, &ArchitecturePanel::showFacts);
  connect(view_, &GraphView::layoutChanged, this, [this] { showFacts(view_->currentBox()); });
  connect(view_, &GraphView::foldChanged, this, [this](int depth) {
    const auto* place = std::find(std::begin(kDepths), std::end(kDepths), depth);
    const auto index = static_cast<int>(place - std::begin(kDepths));
    fold_->setCurrentIndex(place == std::end(kDepths) ? 0 : index);
  });
  const auto shortcut = [this](QKeySequence::StandardKey key, auto&& action) {
    auto* keys = new QShortcut(key, this);
    keys->setContext(Qt::WidgetWithChildrenShortcut);
    connect(keys, &QShortcut::activated, this, action);
  };
  shortcut(QKeySequence::Find, [this] { startFind(); });
  shortcut(QKeySequence::FindNext, [this] { view_->findNext(); });
  shortcut(QKeySequence::FindPrevious, [this] { view_->findNext(-1); });
}

void ArchitecturePanel::addToolbar(QBoxLayout& layout) {
  auto* row = new QHBoxLayout;
  title_ = new ElidedLabel(this);
  layout.addWidget(title_);
  network_ = new ElidedLabel(this);
  network_->hide();
  layout.addWidget(network_);
  find_ = new QLineEdit(this);
  find_->setPlaceholderText(tr("Find operation, shape or path (Ctrl+F)"));
  find_->setAccessibleName(tr("Find in the drawing"));
  find_->setClearButtonEnabled(true);
  connect(find_, &QLineEdit::textChanged, this, &ArchitecturePanel::find);
  connect(find_, &QLineEdit::returnPressed, this, [this] { view_->findNext(); });
  found_ = new QLabel(this);
  operators_ = new QToolButton(this);
  operators_->setText(tr("&Operators"));
  operators_->setPopupMode(QToolButton::InstantPopup);
  operator_menu_ = new QMenu(operators_);
  operators_->setMenu(operator_menu_);
  fold_ = new QComboBox(this);
  fold_->setAccessibleName(tr("How deep groups are opened"));
  fold_->addItems(
      {tr("Fold automatically"), tr("Stages"), tr("Blocks"), tr("Finer"), tr("Open all")});
  connect(fold_, &QComboBox::activated, this, &ArchitecturePanel::applyFold);
  row->addWidget(find_, 1);
  row->addWidget(found_);
  row->addWidget(operators_);
  row->addWidget(fold_);
  const auto button = [&](const QString& text, const QString& tip, auto&& action) {
    auto* tool = new QToolButton(this);
    tool->setText(text);
    tool->setToolTip(tip);
    tool->setAccessibleName(tip);
    connect(tool, &QToolButton::clicked, this, action);
    row->addWidget(tool);
  };
  button(QStringLiteral("−"), tr("Zoom out (-)"), [this] { view_->zoomBy(1 / kZoomStep); });
  button(QStringLiteral("+"), tr("Zoom in (+)"), [this] { view_->zoomBy(kZoomStep); });
  button(tr("Fit"), tr("Fit the whole graph, folded until it can be read (0)"),
         [this] { view_->fit(); });
  button(tr("Save…"), tr("Save the drawing as SVG, PNG or PDF"), [this] { view_->saveAs(); });
  layout.addLayout(row);
}

void ArchitecturePanel::setArchitecture(const SearchSpace& space, const Architecture& architecture,
                                        const Task& task) {
  const ArchGraph graph = space.build(architecture, task);
  cell_->setArchitecture(space, architecture);
  setGraph(QString::fromStdString(space.info().name + "  " + printable(space.format(architecture))),
           graph);
  published_macs_ = published_macs(space.info(), graph_cost(graph));
  network_->setWhole(network_name(space, task, architecture));
  network_->show();
  cell_->show();
  showFacts(-1);
}

void ArchitecturePanel::setGraph(const QString& title, const ArchGraph& graph,
                                 std::vector<Fact> known) {
  title_->setWhole(title);
  known_ = std::move(known);
  network_->hide();
  cell_->hide();  // decisions belong to a space
  memory_ = activation_memory(graph);
  latency_.clear();
  published_macs_.reset();
  bars_->setGraph(graph, {});
  timeline_->setTimeline({});
  view_->setGraph(graph);
  fillOperators();
  find(find_->text());
  showFacts(-1);
}

void ArchitecturePanel::setLatency(std::vector<double> by_node) {
  latency_ = std::move(by_node);
  bars_->setGraph(view_->graph(), latency_);
  showFacts(view_->currentBox());
  if (!latency_.empty()) tabs_->setCurrentWidget(bars_);
}

void ArchitecturePanel::setMemory(MemoryTimeline timeline) {
  timeline_->setTimeline(std::move(timeline));
  tabs_->setCurrentWidget(timeline_);
}

void ArchitecturePanel::waitForLayout() {
  view_->waitForLayout();
}

void ArchitecturePanel::startFind() {
  find_->setFocus();
  find_->selectAll();
}

void ArchitecturePanel::fillOperators() {
  operator_menu_->clear();
  for (const QString& name : view_->operators()) {
    QAction* action = operator_menu_->addAction(name);
    action->setCheckable(true);
    connect(action, &QAction::toggled, this, &ArchitecturePanel::applyOperators);
  }
  applyOperators();
}

void ArchitecturePanel::applyOperators() {
  QStringList chosen;
  for (const QAction* action : operator_menu_->actions()) {
    if (action->isChecked()) chosen.append(action->text());
  }
  operators_->setText(chosen.isEmpty() ? tr("&Operators")
                                       : tr("&Operators (%1)").arg(chosen.size()));
  view_->setOperators(chosen);
}

void ArchitecturePanel::applyFold(int index) {
  view_->setFoldDepth(kDepths[index]);
}

void ArchitecturePanel::find(const QString& text) {
  const int count = view_->find(text);
  found_->setText(text.trimmed().isEmpty() ? QString() : tr("%n found", nullptr, count));
}

void ArchitecturePanel::showFacts(int box) {
  const std::shared_ptr<const Layout> layout = view_->layout();
  const bool chosen = box >= 0 && layout && box < static_cast<int>(layout->boxes.size());
  std::vector<Fact> facts =
      chosen ? facts_of(view_->graph(), layout->boxes[static_cast<std::size_t>(box)], memory_,
                        latency_)
             : facts_of(view_->graph(), memory_, latency_, published_macs_);
  if (!chosen) facts.insert(facts.end(), known_.begin(), known_.end());
  facts_->setRowCount(static_cast<int>(facts.size()));
  for (int row = 0; row < facts_->rowCount(); ++row) {
    const auto& [name, value] = facts[static_cast<std::size_t>(row)];
    facts_->setItem(row, 0, new QTableWidgetItem(name));
    auto* item = new QTableWidgetItem(value.left(2000));
    item->setToolTip("<p>" + value.left(1000).toHtmlEscaped() + "</p>");
    facts_->setItem(row, 1, item);
  }
}

}  // namespace nas
