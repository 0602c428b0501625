#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/explorer/explorer_columns.h"
#include "app/explorer/explorer_filter.h"
#include "app/presentation/text_order.h"
#include "core/api/benchmark.h"
#include "core/api/browse.h"

namespace nas {

/// The rows of a benchmark, in memory; keys are its rows. Columns: number, architecture, then its
/// columns of one value, named by the metric where that is unique, else by the long key; titles are
/// the short names of core/api/column_names.h.
std::unique_ptr<BrowseTable> benchmark_table(std::shared_ptr<const Benchmark> benchmark);

struct BrowseOrder {
  std::size_t column = 0;
  bool descending = false;
  friend bool operator==(const BrowseOrder&, const BrowseOrder&) = default;
};

/// A table whose columns are remembered: sorting, filtering and plotting read each one once, and
/// what writers add since is read alone. Used from one thread.
class ExplorerTable {
 public:
  /// The same table by a connection of its own, for a second thread.
  using Companion = std::function<std::shared_ptr<BrowseTable>()>;
  /// `owner` is kept alive as long as the table needs it.
  explicit ExplorerTable(std::unique_ptr<BrowseTable> table, std::shared_ptr<void> owner = nullptr,
                         Companion companion = {});

  /// Are both read from the same opening of a file? One that was replaced has been opened anew.
  bool same_file(const ExplorerTable& other) const { return owner_ == other.owner_; }
  BrowseTable& source() { return *table_; }
  std::span<const BrowseColumn> columns() const { return table_->columns(); }
  /// A number column by key, NaN where nothing is, as of the last `refresh`; all are of one length.
  /// nullptr: stopped.
  std::shared_ptr<const std::vector<double>> values(std::size_t column, std::stop_token stop);
  /// Reads several columns by two threads. False: stopped.
  bool load(std::span<const std::size_t> columns, const std::stop_token& stop);
  /// The rows that may have changed since the last call, which the remembered columns then hold.
  /// nullopt: too many; the columns are read again when they are asked for.
  std::optional<std::vector<BrowseRow>> refresh();

 private:
  void load_by_two(std::span<const std::size_t> missing, const std::stop_token& stop);
  void remember(std::size_t column, std::vector<double> values);

  std::shared_ptr<void> owner_;
  std::unique_ptr<BrowseTable> table_;
  Companion make_companion_;
  std::shared_ptr<BrowseTable> companion_;
  BrowseMark mark_;
  std::size_t length_ = 0;  ///< of the columns
  std::map<std::size_t, std::shared_ptr<std::vector<double>>> values_;
};

/// The keys of a table in some order that pass a filter, a piece at a time. Every row comes once:
/// first those with a value in the sorted column, then the others by key.
class ExplorerQuery {
 public:
  ExplorerQuery(std::shared_ptr<ExplorerTable> table, BrowseOrder order, Filter filter)
      : table_(std::move(table)), order_(order), filter_(std::move(filter)) {}

  /// About `limit` keys more, fewer at the end; nullopt when stopped. Cheap but for the first call
  /// of a filter or of a column without an index, which reads whole columns.
  std::optional<std::vector<BrowseKey>> next(std::size_t limit, std::stop_token stop);
  bool complete() const { return phase_ == Phase::kDone; }

 private:
  enum class Phase : std::uint8_t { kStart, kIndex, kSorted, kText, kRest, kDone };

  bool start(const std::stop_token& stop);
  void sort(std::span<const double> values);
  bool takes(BrowseKey key);
  void take_sorted(std::size_t limit, std::vector<BrowseKey>& keys);
  bool take_text(const std::stop_token& stop);
  void take_page(std::size_t limit, std::vector<BrowseKey>& keys);

  std::shared_ptr<ExplorerTable> table_;
  BrowseOrder order_;
  Filter filter_;
  Phase phase_ = Phase::kStart;
  std::vector<std::uint8_t> passes_;  ///< empty: everything
  std::vector<bool> seen_;
  BrowsePlace place_;
  std::vector<BrowseKey> sorted_;
  std::size_t sorted_at_ = 0;
  std::optional<TextOrder> text_order_;
};

/// What a complete query would answer now: its answer `before`, and the rows that `refresh` gave.
/// nullopt: it must be asked again (its order is one of texts), or was stopped.
std::optional<std::vector<BrowseKey>> merge_changes(ExplorerTable& table, const BrowseOrder& order,
                                                    const Filter& filter,
                                                    std::span<const BrowseKey> before,
                                                    std::span<const BrowseRow> changed,
                                                    std::stop_token stop);

}  // namespace nas
