#include "gui/views/panels/table_page.h"

#include <QClipboard>
#include <QFileDialog>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QToolButton>
#include <QUndoCommand>
#include <QVBoxLayout>
#include <QWidgetAction>
#include <algorithm>
#include <functional>
#include <utility>

#include "core/util/error.h"

namespace nas {

namespace {

/// Rows are copied to the clipboard up to this number; more go into a file.
constexpr int kMostCopied = 100'000;

class FilterCommand final : public QUndoCommand {
 public:
  FilterCommand(QString before, QString after, std::function<void(const QString&)> apply)
      : before_(std::move(before)), after_(std::move(after)), apply_(std::move(apply)) {
    // An ampersand would underline the next letter in the menu.
    setText(after_.isEmpty() ? TablePage::tr("no filter")
                             : TablePage::tr("filter %1").arg(QString(after_).replace("&", "&&")));
  }
  void undo() override { apply_(before_); }
  void redo() override { apply_(after_); }

 private:
  QString before_, after_;
  std::function<void(const QString&)> apply_;
};

}  // namespace

TablePage::TablePage(Database* database, TableName table, QString title, QWidget* parent)
    : QWidget(parent),
      title_(std::move(title)),
      selection_(new Selection(this)),
      model_(new RowsModel(database, std::move(table), this)),
      columns_(new ColumnsModel(this)),
      undo_(new QUndoStack(this)) {
  model_->setSelection(selection_);
  build();
  connect(model_, &RowsModel::columnsChanged, this, &TablePage::followColumns);
  connect(model_, &RowsModel::countChanged, this, &TablePage::showCount);
  connect(selection_, &Selection::changed, this, &TablePage::showCount);
  connect(model_, &RowsModel::orderChanged, this, &TablePage::showSorting);
  // Rows that come in above leave what is on the screen where it is.
  connect(model_, &QAbstractItemModel::layoutAboutToBeChanged, this, [this] {
    const bool scrolled = table_->verticalScrollBar()->value() > 0;
    top_ = scrolled ? QPersistentModelIndex(table_->indexAt({0, 0})) : QPersistentModelIndex();
  });
  connect(model_, &QAbstractItemModel::layoutChanged, this, [this] {
    if (top_.isValid()) table_->scrollTo(top_, QAbstractItemView::PositionAtTop);
  });
  connect(model_, &RowsModel::failed, this, &TablePage::message);
  connect(model_, &RowsModel::filterDropped, filter_, &FilterLine::setProblem);
  connect(columns_, &ColumnsModel::shownChanged, this, &TablePage::showColumns);
  connect(filter_, &FilterLine::entered, this, &TablePage::enterFilter);
  connect(stop_, &QPushButton::clicked, model_, &RowsModel::cancel);
  showCount();
}

QWidget* TablePage::buildTop() {
  auto* top = new QWidget(this);
  auto* row = new QHBoxLayout(top);
  row->setContentsMargins(0, 0, 0, 0);
  filter_ = new FilterLine(top);
  auto* menu = new QMenu(top);
  auto* list = new QListView(menu);
  list->setModel(columns_);
  list->setAccessibleName(tr("Columns to show"));
  list->setMinimumSize(260, 320);
  auto* holder = new QWidgetAction(menu);
  holder->setDefaultWidget(list);
  menu->addAction(holder);
  connect(menu, &QMenu::aboutToShow, list, [list] { list->setFocus(); });
  choose_ = new QToolButton(top);
  choose_->setText(tr("&Columns"));
  choose_->setAccessibleName(tr("Choose columns"));
  choose_->setPopupMode(QToolButton::InstantPopup);
  choose_->setMenu(menu);
  row->addWidget(filter_, 1);
  row->addWidget(choose_, 0, Qt::AlignTop);
  return top;
}

void TablePage::build() {
  auto* left = new QWidget(this);
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(6, 6, 6, 4);
  column->addWidget(buildTop());
  table_ = new QTableView(left);
  table_->setModel(model_);
  sketches_ = new SketchDelegate([this](RowKey key) { return spaceOf(key); }, table_);
  table_->setAccessibleName(tr("Rows of %1").arg(title_));
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  // One height for all: nothing is measured for a million rows.
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
  table_->horizontalHeader()->setSectionsMovable(true);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->setSortingEnabled(false);
  table_->horizontalHeader()->setSectionsClickable(true);
  table_->horizontalHeader()->setSortIndicatorShown(true);
  connect(table_->horizontalHeader(), &QHeaderView::sectionClicked, this, [this](int section) {
    const auto place = static_cast<std::size_t>(section);
    const BrowseOrder now = model_->order();
    // The better values come first; a second click turns the order round.
    const bool descending = now.column == place
                                ? !now.descending
                                : larger_is_better(model_->columns()[place], objectives());
    model_->sort(section, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
    showSorting();
  });
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    if (const auto key = model_->keyAt(index.row())) Q_EMIT opened(*key);
  });
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
          &TablePage::pushTableSelection);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) { selection_->setCurrent(model_->keyAt(index.row())); });
  column->addWidget(table_, 1);

  auto* bottom = new QHBoxLayout;
  count_ = new QLabel(left);
  count_->setTextFormat(Qt::PlainText);
  stop_ = new QPushButton(tr("S&top reading"), left);
  stop_->hide();
  bottom->addWidget(count_, 1);
  bottom->addWidget(stop_);
  column->addLayout(bottom);

  splitter_ = new QSplitter(Qt::Vertical, this);
  splitter_->addWidget(left);
  splitter_->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(splitter_);
  setFocusProxy(table_);
}

std::vector<Objective> TablePage::objectives() const {
  const auto* id = std::get_if<std::int64_t>(&model_->table());
  const Explorer::Study* study = id == nullptr ? nullptr : database()->findStudy(*id);
  return study == nullptr ? std::vector<Objective>() : study->row.spec.objectives;
}

std::pair<std::string, OptionMap> TablePage::spaceOf(RowKey key) const {
  if (const auto* name = std::get_if<std::string>(&model_->table())) {
    for (const BenchmarkRow& benchmark : database()->benchmarks()) {
      if (benchmark.info.name == *name) return {benchmark.info.space, {}};
    }
    return {};
  }
  const Explorer::Study* study = model_->studyOf(key);
  if (study == nullptr) return {};
  return {study->row.spec.space, study->config.space_options};
}

/// What the row is, its objective and its costs come first; where the user has moved columns, they
/// stay.
void TablePage::arrangeColumns(const std::vector<std::size_t>& order) {
  QHeaderView* header = table_->horizontalHeader();
  for (std::size_t i = 0; i < order.size(); ++i) {
    header->moveSection(header->visualIndex(static_cast<int>(order[i])), static_cast<int>(i));
  }
}

void TablePage::followColumns() {
  const std::vector<std::size_t> order = column_order(model_->columns(), objectives());
  filter_->setColumns(model_->columns(), objectives());
  columns_->setColumns(model_->columns(), order);
  for (int i = 0; i < model_->columnCount(); ++i) {
    const bool sketch = model_->columns()[static_cast<std::size_t>(i)].name == "architecture";
    table_->setItemDelegateForColumn(i, sketch ? sketches_ : nullptr);
  }
  if (sized_) return;
  sized_ = true;
  arrangeColumns(order);
  const QFontMetrics metrics = table_->fontMetrics();
  for (int i = 0; i < model_->columnCount(); ++i) {
    const BrowseColumn& column = model_->columns()[static_cast<std::size_t>(i)];
    const QString title = QString::fromStdString(column.title).left(200);
    const int heading = metrics.horizontalAdvance(title) + 36;
    const int content = column.name == "architecture"      ? metrics.averageCharWidth() * 54
                        : column.name == "number"          ? metrics.horizontalAdvance('0') * 8
                        : column.kind == BrowseKind::kText ? metrics.averageCharWidth() * 14
                                                           : metrics.horizontalAdvance('0') * 12;
    table_->setColumnWidth(i, std::clamp(std::max(heading, content), 60, 420));
  }
  showSorting();
}

void TablePage::showColumns() {
  for (int i = 0; i < model_->columnCount(); ++i) {
    table_->setColumnHidden(i, !columns_->isShown(static_cast<std::size_t>(i)));
  }
}

void TablePage::showSorting() {
  const BrowseOrder order = model_->order();
  table_->horizontalHeader()->setSortIndicator(
      static_cast<int>(order.column), order.descending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void TablePage::showCount() {
  const int rows = model_->rowCount();
  const bool filtered = !model_->filterText().isEmpty();
  QString text;
  switch (model_->countState()) {
    case RowsModel::Count::kUnknown:
      text = model_->isBusy() ? tr("reading…") : tr("not read");
      break;
    case RowsModel::Count::kAtLeast:
      text = tr("at least %Ln row(s)", "", rows);
      break;
    case RowsModel::Count::kComplete:
      text = filtered ? tr("%Ln row(s) pass the filter", "", rows) : tr("%Ln row(s)", "", rows);
      break;
  }
  if (selection_->size() > 0)
    text += tr(", %Ln selected", "", static_cast<int>(selection_->size()));
  count_->setText(text);
  stop_->setVisible(model_->isBusy());
}

void TablePage::pushTableSelection() {
  std::vector<RowKey> keys;
  for (const QItemSelectionRange& range : table_->selectionModel()->selection()) {
    for (int row = range.top(); row <= range.bottom(); ++row) {
      if (const auto key = model_->keyAt(row)) keys.push_back(*key);
    }
  }
  selection_->set(std::move(keys));
  showCount();
}

void TablePage::enterFilter(const QString& text) {
  const QString wanted = text.trimmed();
  if (wanted == model_->filterText()) {
    filter_->setProblem({});
    return;
  }
  try {
    parse_filter(wanted.toStdString(), model_->columns());
  } catch (const Error& error) {
    filter_->setText(text);
    filter_->setProblem(QString::fromUtf8(error.what()));
    return;
  }
  undo_->push(new FilterCommand(model_->filterText(), wanted,
                                [this](const QString& filter) { applyFilter(filter); }));
}

void TablePage::applyFilter(const QString& text) {
  filter_->setText(text);
  filter_->setProblem({});
  model_->setFilter(text);
}

void TablePage::sortBy(const std::string& column, bool descending) {
  const std::vector<BrowseColumn>& columns = model_->columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column)
      model_->sort(static_cast<int>(i), descending ? Qt::DescendingOrder : Qt::AscendingOrder);
  }
  showSorting();
}

void TablePage::showRow(RowKey key) {
  const int row = model_->rowOf(key);
  if (row < 0) return;
  table_->scrollTo(model_->index(row, 0), QAbstractItemView::PositionAtCenter);
  table_->selectionModel()->setCurrentIndex(
      model_->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void TablePage::copyRows() {
  std::vector<RowKey> keys(selection_->keys().begin(), selection_->keys().end());
  if (keys.empty() || !model_->source()) {
    Q_EMIT message(tr("Nothing is selected to copy."));
    return;
  }
  if (keys.size() > static_cast<std::size_t>(kMostCopied)) {
    Q_EMIT message(tr("Too many rows for the clipboard; export them to a file instead."));
    return;
  }
  database()->ask(
      this, Lane::kUrgent,
      [source = model_->source(), keys = std::move(keys), columns = columns_->shown()](Explorer&) {
        return rows_text(source->source(), keys, columns, Format::kCsv);
      },
      [this](Answer<std::string> answer) {
        if (answer.value)
          QGuiApplication::clipboard()->setText(QString::fromStdString(*answer.value));
        Q_EMIT message(answer.value ? tr("Copied as CSV.") : answer.error);
      });
}

void TablePage::exportRows() {
  QString kind;
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Export the rows of the filtered view"), "rows.csv",
                                   tr("CSV (*.csv);;JSON lines (*.jsonl)"), &kind);
  if (file.isEmpty()) return;
  exportTo(file, file.endsWith(".jsonl") || kind.contains("jsonl") ? Format::kJsonl : Format::kCsv);
}

void TablePage::exportTo(const QString& file, Format format) {
  if (model_->columns().empty()) return;
  Q_EMIT message(tr("Exporting…"));
  const BrowseOrder order = model_->order();
  database()->ask(
      this, Lane::kSlow,
      [name = model_->table(), order, filter = model_->filterText().toStdString(),
       columns = columns_->shown(), path = file.toStdString(), format,
       stop = database()->closing()](Explorer& explorer) {
        const auto table = open_table(explorer, name);
        ExplorerQuery query(table, order, parse_filter(filter, table->columns()));
        return export_rows(
            *table, std::move(query), columns, path, format, [](std::int64_t) {}, stop);
      },
      [this, file](Answer<ExportReport> answer) {
        Q_EMIT message(
            answer.value
                ? tr("%Ln row(s) written to %1", "", static_cast<int>(answer.value->rows)).arg(file)
                : answer.error);
      });
}

}  // namespace nas
