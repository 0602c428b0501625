#pragma once

#include <QAbstractTableModel>
#include <QElapsedTimer>
#include <QPointer>
#include <QTimer>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "gui/base/selection.h"
#include "gui/jobs/database.h"

namespace nas {

/// The trials of all studies of a database, under their ids.
struct AllTrials {
  friend bool operator==(const AllTrials&, const AllTrials&) = default;
};

/// Which table of a database: a study by id, a benchmark by name, or all trials.
using TableName = std::variant<std::int64_t, std::string, AllTrials>;

bool same_columns(std::span<const BrowseColumn> a, std::span<const BrowseColumn> b);
std::shared_ptr<ExplorerTable> open_table(Explorer& explorer, const TableName& table);

/// The rows of a study, of all studies or of a benchmark. Its keys arrive piece by piece in the
/// wanted order; the cells of a row are read when somebody looks at it, and forgotten when many
/// others were looked at since. Answers to an earlier question are dropped.
class RowsModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Role {
    kKeyRole = Qt::UserRole + 1,
    kTextRole,  ///< the whole text of a cell, which the table cuts
  };
  enum class Count { kUnknown, kAtLeast, kComplete };

  RowsModel(Database* database, TableName table, QObject* parent = nullptr);
  ~RowsModel() override;

  Database* database() const { return database_; }
  const TableName& table() const { return name_; }
  const std::vector<BrowseColumn>& columns() const { return columns_; }
  /// For jobs of the database's thread; null until the columns are known.
  const std::shared_ptr<ExplorerTable>& source() const { return source_; }

  Count countState() const { return count_; }
  bool isBusy() const { return busy_; }
  const QString& filterText() const { return filter_text_; }
  BrowseOrder order() const { return order_; }
  std::shared_ptr<const std::vector<RowKey>> keys() const { return keys_; }
  std::optional<RowKey> keyAt(int row) const;
  int rowOf(RowKey key) const;  ///< -1: not there (yet)

  /// The study that a row belongs to, and its number there. Of all trials only rows that were
  /// looked at lately are known: nullptr and -1 for others.
  const Explorer::Study* studyOf(RowKey key) const;
  RowKey numberOf(RowKey key) const;

  /// Throws Error(kUsage) with the position, and keeps the old filter.
  void setFilter(const QString& text);
  void sort(int column, Qt::SortOrder order) override;
  void setSelection(Selection* selection);
  /// Merges in what others have added: rows, selections and the order stay what they are.
  void refresh();
  void cancel();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// Rows whose cells are kept at the moment.
  std::size_t cachedRows() const;

 Q_SIGNALS:
  void columnsChanged();
  void countChanged();  ///< number of rows, state of the count or busy
  void orderChanged();
  void filterDropped(const QString& why);  ///< it does not fit the new columns: all rows are shown
  void failed(const QString& what);

 private:
  struct Block {
    std::vector<BrowseRow> rows;
    std::int64_t used = 0;
  };
  struct Piece {
    std::vector<RowKey> keys;
    bool complete = false;
    bool stopped = false;
  };

  /// What a refresh found.
  struct Update {
    std::shared_ptr<ExplorerTable> other;  ///< other columns, or another file
    std::optional<std::vector<RowKey>> keys;
    bool changed = false;
  };

  void openTable();
  void adopt(std::shared_ptr<ExplorerTable> source);
  QString fitFilter();       ///< why it was dropped
  qint64 mergeRest() const;  ///< milliseconds until the next merge may come
  void readUpdate();
  void takeUpdate(Answer<Update> answer);
  void readAgain();
  std::int64_t benchmarkStamp() const;
  void start(bool keep_rows);
  void readPiece(std::shared_ptr<ExplorerQuery> query, std::size_t limit);
  void takePiece(Answer<Piece> answer, const std::shared_ptr<ExplorerQuery>& query);
  void append(const std::vector<RowKey>& keys);
  void replaceAll(std::vector<RowKey> keys);
  bool removeMissing(const std::vector<RowKey>& keys);
  void rearrange(std::vector<RowKey> keys);
  const BrowseRow* cachedByKey(RowKey key) const;
  void finish();
  void setBusy(bool busy);
  const BrowseRow* cached(int row) const;
  void want(int block) const;
  void fetchNext();
  void takeBlock(int block, Answer<std::vector<BrowseRow>> answer);
  QVariant toolTip(const BrowseCell& cell) const;

  QPointer<Database> database_;
  TableName name_;
  QPointer<Selection> selection_;
  std::shared_ptr<ExplorerTable> source_;
  std::vector<BrowseColumn> columns_;
  BrowseOrder order_;
  Filter filter_;
  QString filter_text_;

  std::shared_ptr<std::vector<RowKey>> keys_;
  std::vector<RowKey> coming_;  ///< of a refresh, shown when complete
  bool keep_rows_ = false;
  Count count_ = Count::kUnknown;
  bool busy_ = false;
  bool updating_ = false;
  std::int64_t stamp_ = 0;  ///< of a benchmark, which is replaced as a whole
  bool again_ = false;      ///< the table changed while it was being read
  bool stale_ = false;      ///< to be read again when `later_` comes
  QTimer later_;
  QElapsedTimer reading_;  ///< since the last query began
  QElapsedTimer resting_;  ///< since it ended
  QTimer merge_later_;
  QElapsedTimer merged_;   ///< since what writers added was merged
  qint64 merge_ms_ = 0;    ///< what that took of the window's time
  qint64 read_ms_ = 0;     ///< what it took
  std::int64_t life_ = 0;  ///< answers to earlier questions have another number
  std::stop_source stop_;

  mutable std::map<int, Block> blocks_;
  mutable std::vector<int> wanted_;  ///< blocks to read, the most urgent last
  mutable std::int64_t clock_ = 0;
  mutable bool fetching_ = false;
};

}  // namespace nas
