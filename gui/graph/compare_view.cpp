#include "gui/graph/compare_view.h"

#include <QBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QSplitter>
#include <QTableWidget>
#include <algorithm>
#include <set>

#include "app/reports/compare.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/graph/cell_picture.h"
#include "gui/graph/elided_label.h"
#include "gui/graph/graph_view.h"
#include "gui/graph/network_name.h"

namespace nas {
namespace {

constexpr std::size_t kMost = 4;
constexpr int kLeastWidth = 120;

/// The path of a line "path: operation {attributes} : type" of ArchitectureDifference.
std::set<std::string> paths_of(const std::vector<std::string>& lines) {
  std::set<std::string> paths;
  for (const std::string& line : lines) paths.insert(line.substr(0, line.find(": ")));
  return paths;
}

std::vector<std::uint8_t> marks_of(const ArchGraph& graph, const std::set<std::string>& paths,
                                   DifferenceMark mark) {
  std::vector<std::uint8_t> marks(graph.size(), kAlike);
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (paths.contains(graph.path(node))) marks[node] = mark;
  }
  return marks;
}

QString counted_text(std::int64_t value) {
  return QString::fromStdString(format_count(value));
}

}  // namespace

struct CompareView::Column {
  ArchGraph graph;
  std::set<std::string> differing;      ///< paths
  std::vector<std::uint8_t> decisions;  ///< 1: not the same in all
  int fold_depth = 0;
  QString network;
  std::int64_t params = 0, macs = 0, peak_bytes = 0;
};

CompareView::CompareView(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Comparison of architectures"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  auto* splitter = new QSplitter(Qt::Vertical, this);
  drawings_ = new QWidget(splitter);
  row_ = new QHBoxLayout(drawings_);
  row_->setContentsMargins(0, 0, 0, 0);
  row_->setSpacing(12);
  table_ = new QTableWidget(splitter);
  table_->setAccessibleName(tr("Costs and decisions"));
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setTabKeyNavigation(false);
  table_->setSelectionMode(QAbstractItemView::NoSelection);
  table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  splitter->addWidget(drawings_);
  splitter->addWidget(table_);
  splitter->setStretchFactor(0, 1);
  splitter->setSizes({520, 220});
  auto* bar = new QHBoxLayout;
  hint_ = new ElidedLabel(this);
  auto* next = new QPushButton(tr("&Next difference"), this);
  auto* previous = new QPushButton(tr("&Previous"), this);
  connect(next, &QPushButton::clicked, this, [this] { showDifference(1); });
  connect(previous, &QPushButton::clicked, this, [this] { showDifference(-1); });
  bar->addWidget(hint_, 1);
  bar->addWidget(previous);
  bar->addWidget(next);
  layout->addLayout(bar);
  layout->addWidget(splitter, 1);
}

void CompareView::setArchitectures(const SearchSpace& space,
                                   const std::vector<Architecture>& architectures,
                                   const std::vector<Task>& tasks) {
  if (architectures.size() < 2 || architectures.size() > kMost) {
    throw Error(ErrorKind::kUsage, "comparison: got " + std::to_string(architectures.size()) +
                                       " architectures, expected 2 to 4");
  }
  std::vector<Column> columns(architectures.size());
  const std::size_t decisions = space.decisions().size();
  std::vector<std::uint8_t> differs(decisions);
  const std::vector<std::string> first_names = chosen_names(space, architectures[0]);
  for (std::size_t i = 1; i < architectures.size(); ++i) {
    const ArchitectureDifference difference =
        compare_architectures(space, architectures[0], tasks[0], architectures[i], tasks[i]);
    columns[0].differing.merge(paths_of(difference.only_a));
    columns[i].differing = paths_of(difference.only_b);
    columns[0].params = difference.cost_a.params;
    columns[0].macs = difference.macs_a;
    columns[0].peak_bytes = difference.peak_bytes_a;
    columns[i].params = difference.cost_b.params;
    columns[i].macs = difference.macs_b;
    columns[i].peak_bytes = difference.peak_bytes_b;
    const std::vector<std::string> names = chosen_names(space, architectures[i]);
    for (std::size_t d = 0; d < decisions; ++d) {
      if (names[d] != first_names[d]) differs[d] = 1;
    }
  }
  differing_ = static_cast<int>(std::count(differs.begin(), differs.end(), std::uint8_t{1}));
  for (QWidget* column : columns_) delete column;
  columns_.clear();
  views_.clear();
  int depth = 0;
  for (std::size_t i = 0; i < architectures.size(); ++i) {
    columns[i].network = network_name(space, tasks[i], architectures[i]);
    columns[i].graph = space.build(architectures[i], tasks[i]);
    // One depth for all: what is folded in one drawing and open in another cannot be compared.
    const int own = automatic_fold_depth(columns[i].graph);
    depth = i == 0 ? own : std::min(depth, own);
  }
  for (std::size_t i = 0; i < architectures.size(); ++i) {
    columns[i].fold_depth = depth;
    columns[i].decisions = differs;
    addColumn(space, architectures[i], columns[i]);
  }
  fillTable(space, architectures, columns);
  hint_->setWhole(
      differing_ == 0
          ? tr("No decision differs: these are equal")
          : tr("%1 of %2 decisions differ. Marked +: not in A; marked −: in A, not in all others")
                .arg(differing_)
                .arg(decisions));
}

void CompareView::addColumn(const SearchSpace& space, const Architecture& architecture,
                            const Column& column) {
  auto* frame = new QWidget(drawings_);
  auto* layout = new QVBoxLayout(frame);
  layout->setContentsMargins(0, 0, 0, 0);
  const QString name = QString::fromStdString(printable(space.format(architecture)));
  auto* title = new ElidedLabel(frame);
  title->setWhole(QStringLiteral("%1   %2")
                      .arg(QChar('A' + static_cast<int>(views_.size())))
                      .arg(name.left(400)));
  auto* cell = new CellPicture(frame);
  cell->setFixedHeight(132);
  cell->setArchitecture(space, architecture);
  cell->setDifferences(column.decisions);
  auto* view = new GraphView(frame);
  view->setFoldDepth(column.fold_depth);
  view->setGraph(column.graph);
  view->setDifferences(
      marks_of(column.graph, column.differing, views_.empty() ? kRemoved : kAdded));
  connect(view, &GraphView::viewChanged, this, [this, view] { follow(view); });
  connect(view, &GraphView::foldChanged, this, [this, view](int depth) {
    for (GraphView* other : views_) {
      if (other != view && other->foldDepth() != depth) other->setFoldDepth(depth);
    }
  });
  connect(view, &GraphView::layoutChanged, view, [view] { view->showDifference(); });
  // Four of them fit into a small window.
  for (QWidget* drawing : {static_cast<QWidget*>(cell), static_cast<QWidget*>(view)})
    drawing->setMinimumWidth(kLeastWidth);
  layout->addWidget(title);
  layout->addWidget(cell);
  layout->addWidget(view, 1);
  row_->addWidget(frame, 1);
  frame->show();
  columns_.push_back(frame);
  views_.push_back(view);
}

void CompareView::follow(const GraphView* leader) {
  // Only what the user moves leads: widgets that are fitted or follow do not.
  if (following_ || !leader->hasFocus()) return;
  following_ = true;
  for (GraphView* view : views_) {
    if (view != leader) view->setView(leader->zoom(), leader->center());
  }
  following_ = false;
}

void CompareView::fillTable(const SearchSpace& space,
                            const std::vector<Architecture>& architectures,
                            const std::vector<Column>& columns) {
  const std::span<const Decision> decisions = space.decisions();
  const int count = static_cast<int>(columns.size());
  table_->clear();
  table_->setColumnCount(count);
  table_->setRowCount(0);
  for (int i = 0; i < count; ++i) {
    table_->setHorizontalHeaderItem(i, new QTableWidgetItem(QString(QChar('A' + i))));
  }
  const auto add_row = [&](const QString& name, auto&& text_of) {
    const int row = table_->rowCount();
    table_->insertRow(row);
    table_->setVerticalHeaderItem(row, new QTableWidgetItem(name));
    const QString first = text_of(std::size_t{0});
    for (int i = 0; i < count; ++i) {
      const QString text = text_of(static_cast<std::size_t>(i));
      auto* item = new QTableWidgetItem(text);
      if (text != first) {
        QFont strong = item->font();
        strong.setBold(true);
        item->setFont(strong);
        item->setToolTip(tr("differs from A"));
      }
      table_->setItem(row, i, item);
    }
  };
  add_row(tr("Network"), [&](std::size_t i) { return columns[i].network; });
  add_row(tr("Parameters"), [&](std::size_t i) { return counted_text(columns[i].params); });
  add_row(tr("MACs"), [&](std::size_t i) { return counted_text(columns[i].macs); });
  add_row(tr("Peak memory"), [&](std::size_t i) {
    return QString::fromStdString(format_bytes(columns[i].peak_bytes));
  });
  add_row(tr("Nodes marked"), [&](std::size_t i) {
    return counted_text(static_cast<std::int64_t>(columns[i].differing.size()));
  });
  std::vector<std::vector<std::string>> names;
  for (const Architecture& architecture : architectures) {
    names.push_back(chosen_names(space, architecture));
  }
  // Decisions that differ come first.
  for (const bool different : {true, false}) {
    for (std::size_t d = 0; d < decisions.size(); ++d) {
      if ((columns[0].decisions[d] != 0) != different) continue;
      add_row(QString::fromStdString(printable(decisions[d].name)),
              [&](std::size_t i) { return QString::fromStdString(printable(names[i][d])); });
    }
  }
}

void CompareView::showDifference(int step) {
  for (GraphView* view : views_) view->showDifference(step);
}

void CompareView::waitForLayout() {
  for (GraphView* view : views_) view->waitForLayout();
}

}  // namespace nas
