#include "gui/models/rows_model.h"

#include <QColor>
#include <QGuiApplication>
#include <QPalette>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/util/text.h"
#include "gui/base/theme.h"

namespace nas {

namespace {

/// Of the table of all trials.
constexpr std::size_t kStudyColumn = 1;
constexpr std::size_t kNumberColumn = 2;
constexpr int kBlock = 64;
constexpr std::size_t kMostBlocks = 64;
/// First a screen, for the eye; then large pieces.
constexpr std::size_t kFirstPiece = 200;
constexpr std::size_t kPiece = 50'000;
/// A cell shows at most this much of a text; the rest is in the details.
constexpr int kLongestText = 240;
}  // namespace

bool same_columns(std::span<const BrowseColumn> a, std::span<const BrowseColumn> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.name == y.name; });
}

std::shared_ptr<ExplorerTable> open_table(Explorer& explorer, const TableName& table) {
  if (const auto* study = std::get_if<std::int64_t>(&table)) return explorer.trials(*study);
  if (const auto* name = std::get_if<std::string>(&table)) return explorer.benchmark(*name);
  return explorer.all_trials();
}

RowsModel::RowsModel(Database* database, TableName table, QObject* parent)
    : QAbstractTableModel(parent),
      database_(database),
      name_(std::move(table)),
      keys_(std::make_shared<std::vector<RowKey>>()) {
  connect(database, &Database::rowsChanged, this, &RowsModel::refresh);
  later_.setSingleShot(true);
  connect(&later_, &QTimer::timeout, this, &RowsModel::refresh);
  merge_later_.setSingleShot(true);
  connect(&merge_later_, &QTimer::timeout, this, &RowsModel::refresh);
  openTable();
}

RowsModel::~RowsModel() {
  stop_.request_stop();
}

void RowsModel::openTable() {
  setBusy(true);
  stamp_ = benchmarkStamp();
  database_->ask(
      this, Lane::kUrgent,
      [name = name_](Explorer& explorer) { return open_table(explorer, name); },
      [this](Answer<std::shared_ptr<ExplorerTable>> answer) {
        if (answer.value) {
          adopt(std::move(*answer.value));
          return;
        }
        setBusy(false);
        Q_EMIT failed(answer.error);
      });
}

void RowsModel::adopt(std::shared_ptr<ExplorerTable> source) {
  const bool same = same_columns(source->columns(), columns_);
  source_ = std::move(source);
  if (!same) {
    beginResetModel();
    columns_.assign(source_->columns().begin(), source_->columns().end());
    keys_ = std::make_shared<std::vector<RowKey>>();
    blocks_.clear();
    order_ = {};
    endResetModel();
    const QString problem = fitFilter();
    Q_EMIT columnsChanged();
    if (!problem.isEmpty()) Q_EMIT filterDropped(problem);
  }
  start(same);
}

// Columns may have moved under a filter that is a list of their numbers, or have gone with the
// file.
QString RowsModel::fitFilter() {
  try {
    filter_ = parse_filter(filter_text_.toStdString(), columns_);
    return {};
  } catch (const Error& error) {
    filter_ = {};
    filter_text_.clear();
    return QString::fromUtf8(error.what());
  }
}

void RowsModel::setFilter(const QString& text) {
  Filter filter = parse_filter(text.toStdString(), columns_);
  filter_ = std::move(filter);
  filter_text_ = text;
  start(false);
}

void RowsModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || column >= columnCount()) return;
  const auto place = static_cast<std::size_t>(column);
  const BrowseOrder wanted{place, order == Qt::DescendingOrder};
  if (wanted == order_) return;
  order_ = wanted;
  Q_EMIT orderChanged();
  start(false);
}

void RowsModel::cancel() {
  if (!busy_) return;
  stop_.request_stop();
  ++life_;
  setBusy(false);
}

void RowsModel::start(bool keep_rows) {
  if (!source_) return;
  stop_.request_stop();
  stop_ = std::stop_source();
  ++life_;
  stale_ = false;
  later_.stop();
  reading_.start();
  keep_rows_ = keep_rows && !keys_->empty();
  coming_.clear();
  if (!keep_rows_) {
    beginResetModel();
    keys_ = std::make_shared<std::vector<RowKey>>();
    blocks_.clear();
    wanted_.clear();
    count_ = Count::kUnknown;
    endResetModel();
  }
  setBusy(true);
  readPiece(std::make_shared<ExplorerQuery>(source_, order_, filter_), kFirstPiece);
}

void RowsModel::readPiece(std::shared_ptr<ExplorerQuery> query, std::size_t limit) {
  database_->ask(
      this, Lane::kNormal,
      [query, limit, stop = stop_.get_token()](Explorer&) {
        Piece piece;
        auto keys = query->next(limit, stop);
        piece.stopped = !keys.has_value();
        if (keys) piece.keys = std::move(*keys);
        piece.complete = query->complete();
        return piece;
      },
      [this, query, life = life_](Answer<Piece> answer) {
        if (life == life_) takePiece(std::move(answer), query);
      });
}

void RowsModel::takePiece(Answer<Piece> answer, const std::shared_ptr<ExplorerQuery>& query) {
  if (!answer.value) {
    setBusy(false);
    Q_EMIT failed(answer.error);
    return;
  }
  if (answer.value->stopped) return;
  if (keep_rows_) {
    coming_.insert(coming_.end(), answer.value->keys.begin(), answer.value->keys.end());
  } else {
    append(answer.value->keys);
  }
  if (!answer.value->complete) {
    if (!keep_rows_) count_ = Count::kAtLeast;
    Q_EMIT countChanged();
    readPiece(query, kPiece);
    return;
  }
  finish();
}

void RowsModel::append(const std::vector<RowKey>& keys) {
  if (keys.empty()) return;
  const int first = rowCount();
  // Rows at the end of the last block were not there when it was read.
  blocks_.erase(first / kBlock);
  beginInsertRows({}, first, first + static_cast<int>(keys.size()) - 1);
  // Plots may hold the list as it was.
  if (keys_.use_count() > 1) keys_ = std::make_shared<std::vector<RowKey>>(*keys_);
  keys_->insert(keys_->end(), keys.begin(), keys.end());
  endInsertRows();
}

void RowsModel::finish() {
  if (keep_rows_) replaceAll(std::exchange(coming_, {}));
  count_ = Count::kComplete;
  read_ms_ = reading_.elapsed();
  resting_.start();
  setBusy(false);
  if (!again_) return;
  again_ = false;
  refresh();
}

void RowsModel::setBusy(bool busy) {
  busy_ = busy;
  Q_EMIT countChanged();
}

std::optional<RowKey> RowsModel::keyAt(int row) const {
  if (row < 0 || row >= rowCount()) return std::nullopt;
  return (*keys_)[static_cast<std::size_t>(row)];
}

int RowsModel::rowOf(RowKey key) const {
  const auto found = std::find(keys_->begin(), keys_->end(), key);
  return found == keys_->end() ? -1 : static_cast<int>(found - keys_->begin());
}

void RowsModel::setSelection(Selection* selection) {
  selection_ = selection;
  connect(selection, &Selection::changed, this, [this] {
    if (rowCount() == 0) return;
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::BackgroundRole});
  });
}

int RowsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(keys_->size());
}

int RowsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

const BrowseRow* RowsModel::cached(int row) const {
  const auto found = blocks_.find(row / kBlock);
  if (found == blocks_.end()) return nullptr;
  found->second.used = ++clock_;
  const auto place = static_cast<std::size_t>(row % kBlock);
  return place < found->second.rows.size() ? &found->second.rows[place] : nullptr;
}

const BrowseRow* RowsModel::cachedByKey(RowKey key) const {
  for (const auto& [number, block] : blocks_) {
    for (const BrowseRow& row : block.rows) {
      if (row.key == key) return &row;
    }
  }
  return nullptr;
}

const Explorer::Study* RowsModel::studyOf(RowKey key) const {
  if (const auto* id = std::get_if<std::int64_t>(&name_)) return database_->findStudy(*id);
  const BrowseRow* row = std::holds_alternative<AllTrials>(name_) ? cachedByKey(key) : nullptr;
  if (row == nullptr || !source_) return nullptr;
  const auto* name = std::get_if<std::string>(&row->cells[kStudyColumn]);
  for (const Explorer::Study& study : database_->studies()) {
    if (name != nullptr && study.row.spec.name == *name) return &study;
  }
  return nullptr;
}

RowKey RowsModel::numberOf(RowKey key) const {
  if (!std::holds_alternative<AllTrials>(name_)) return key;
  const BrowseRow* row = cachedByKey(key);
  const auto* number =
      row == nullptr ? nullptr : std::get_if<std::int64_t>(&row->cells[kNumberColumn]);
  return number == nullptr ? -1 : *number;
}

std::size_t RowsModel::cachedRows() const {
  std::size_t rows = 0;
  for (const auto& [number, block] : blocks_) rows += block.rows.size();
  return rows;
}

QVariant RowsModel::toolTip(const BrowseCell& cell) const {
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr || text->size() < 24) return {};
  // As markup with everything escaped: lines wrap, and a name stays a name.
  return "<p>" + QString::fromStdString(printable(*text)).left(2000).toHtmlEscaped() + "</p>";
}

QVariant RowsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto column = static_cast<std::size_t>(index.column());
  if (role == Qt::TextAlignmentRole) {
    const bool text = columns_[column].kind == BrowseKind::kText;
    return QVariant::fromValue(text ? Qt::AlignLeft | Qt::AlignVCenter
                                    : Qt::AlignRight | Qt::AlignVCenter);
  }
  if (role == kKeyRole) return QVariant::fromValue<qlonglong>(*keyAt(index.row()));
  if (role == Qt::BackgroundRole) {
    if (!selection_ || !selection_->contains(*keyAt(index.row()))) return {};
    QColor colour = Theme::of(QGuiApplication::palette()).selection;
    colour.setAlpha(56);
    return colour;
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != kTextRole) return {};
  const BrowseRow* row = cached(index.row());
  if (row == nullptr) {
    want(index.row() / kBlock);
    return role == Qt::DisplayRole ? QVariant(QStringLiteral("…")) : QVariant();
  }
  const BrowseCell& cell = row->cells[column];
  if (role == Qt::ToolTipRole) return toolTip(cell);
  if (role == kTextRole) {
    const auto* whole = std::get_if<std::string>(&cell);
    return whole == nullptr ? QVariant() : QString::fromStdString(*whole);
  }
  const QString text = QString::fromStdString(cell_text(cell, columns_[column]));
  return text.size() > kLongestText ? text.left(kLongestText) + QStringLiteral("…") : text;
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const BrowseColumn& column = columns_[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return QString::fromStdString(printable(column.title));
  if (role == Qt::ToolTipRole) {
    const QString name = QString::fromStdString(printable(column.name)).left(1000);
    return tr("<p>%1: click to sort</p>").arg(name.toHtmlEscaped());
  }
  return {};
}

void RowsModel::want(int block) const {
  std::erase(wanted_, block);
  wanted_.push_back(block);
  // Screens that were passed in scrolling are not worth reading any more.
  if (wanted_.size() > 8) wanted_.erase(wanted_.begin());
  if (fetching_) return;
  fetching_ = true;
  auto* self = const_cast<RowsModel*>(this);
  QMetaObject::invokeMethod(
      self, [self] { self->fetchNext(); }, Qt::QueuedConnection);
}

void RowsModel::fetchNext() {
  fetching_ = false;
  if (wanted_.empty() || !source_) return;
  const int block = wanted_.back();
  wanted_.pop_back();
  const std::size_t first = static_cast<std::size_t>(block) * kBlock;
  if (first >= keys_->size()) {
    fetchNext();
    return;
  }
  const std::size_t end = std::min(first + kBlock, keys_->size());
  std::vector<RowKey> keys(keys_->begin() + static_cast<std::ptrdiff_t>(first),
                           keys_->begin() + static_cast<std::ptrdiff_t>(end));
  fetching_ = true;
  database_->ask(
      this, Lane::kUrgent,
      [source = source_, keys = std::move(keys)](Explorer&) { return source->source().rows(keys); },
      [this, block](Answer<std::vector<BrowseRow>> answer) {
        takeBlock(block, std::move(answer));
      });
}

void RowsModel::takeBlock(int block, Answer<std::vector<BrowseRow>> answer) {
  if (!answer.value) {
    fetching_ = false;
    Q_EMIT failed(answer.error);
    return;
  }
  std::vector<BrowseRow>& rows = *answer.value;
  const int first = block * kBlock;
  const bool current = !rows.empty() && keyAt(first) == rows.front().key &&
                       keyAt(first + static_cast<int>(rows.size()) - 1) == rows.back().key &&
                       rows.front().cells.size() == columns_.size();
  if (current) {
    const int last = first + static_cast<int>(rows.size()) - 1;
    blocks_[block] = {std::move(rows), ++clock_};
    while (blocks_.size() > kMostBlocks) {
      blocks_.erase(std::min_element(
          blocks_.begin(), blocks_.end(),
          [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    }
    Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
  }
  fetchNext();
}

}  // namespace nas
