#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/api/benchmark.h"
#include "core/api/evaluation.h"

namespace nas {

// Tables too large to show at once, read piece by piece: the trials of a study or of all studies
// while others write them, or the rows of a benchmark. First all keys in the wanted order (8 bytes
// a row, the first ones within milliseconds), then the cells of those rows that are on the screen,
// and whole columns of numbers for plots.

/// Names a row within its table: the number of a trial in its study, its id among all trials, or
/// the row of a benchmark. Never negative, and dense: whole columns are arrays indexed by key.
using BrowseKey = std::int64_t;

enum class BrowseKind : std::uint8_t { kText, kInteger, kReal };

/// What a table can show, sort and filter by.
struct BrowseColumn {
  std::string name;   ///< unique; the word of filters: "accuracy", "latency_ms@host", "state"
  std::string title;  ///< heading for people
  BrowseKind kind = BrowseKind::kReal;
  bool indexed = false;   ///< `page` gives its order without reading the whole table
  bool maximize = true;   ///< which direction is better
  bool is_metric = true;  ///< a result, as opposed to what describes the row
  std::optional<BenchmarkColumn> holds{};  ///< of a benchmark: data set, unit, where it comes from
};

using BrowseCell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct BrowseRow {
  BrowseKey key = 0;
  std::vector<BrowseCell> cells;  ///< one for each column
};

/// Where a page ended, so that the next one continues there.
struct BrowsePlace {
  bool started = false;
  double value = 0;
  BrowseKey key = 0;
};

struct BrowsePage {
  std::vector<BrowseKey> keys;
  BrowsePlace last;
  bool complete = false;  ///< nothing comes after
};

/// How far a table had grown: what comes later, and what was not finished yet.
struct BrowseMark {
  bool taken = false;
  std::int64_t trial = 0;
  std::int64_t metric = 0;
  std::vector<BrowseKey> unfinished;
};

using TextVisitor = std::function<void(BrowseKey key, std::string_view text)>;

/// Used from one thread. Every call is a short snapshot of its own. Throws Error(kIo | kData) in
/// one line when the file cannot be read.
class BrowseTable {
 public:
  virtual ~BrowseTable() = default;
  virtual std::span<const BrowseColumn> columns() const = 0;
  /// One more than the largest key: the length of whole columns.
  virtual BrowseKey key_end() = 0;

  /// Keys by the values of an indexed column, equal ones in a fixed order; `descending` reverses
  /// both. The first column gives all keys. Rows without a finite value are left out; a row with
  /// several values of this metric comes several times.
  virtual BrowsePage page(std::size_t column, bool descending, const BrowsePlace& after,
                          std::int64_t limit) = 0;

  /// The cells of these rows; a key that does not exist has empty cells.
  virtual std::vector<BrowseRow> rows(std::span<const BrowseKey> keys) = 0;

  /// A number column as an array indexed by key, NaN where there is no value. Of several values the
  /// better one. nullopt: stopped.
  virtual std::optional<std::vector<double>> values(std::size_t column, std::stop_token stop) = 0;
  /// Shows every row that has a text in this column, in no particular order. False: stopped.
  virtual bool texts(std::size_t column, const TextVisitor& visit, std::stop_token stop) = 0;

  /// Keys of the rows whose cells may have changed since `mark` was taken, ascending; moves the
  /// mark to now. nullopt, too: more than `most` of them.
  virtual std::optional<std::vector<BrowseKey>> changes(BrowseMark& mark, std::int64_t most) = 0;

  /// 1 for every key whose text holds `part`, upper and lower case alike (ASCII). nullopt: stopped.
  std::optional<std::vector<std::uint8_t>> containing(std::size_t column, std::string_view part,
                                                      std::stop_token stop);
};

/// Does `text` hold `part`, upper and lower case alike (ASCII)?
bool holds_text(std::string_view text, std::string_view part);

/// Throws Error(kUsage) with near misses.
std::size_t find_column(const BrowseTable& table, std::string_view name);

/// Where a trial is at home.
struct TrialPlace {
  std::int64_t study_id = 0;
  BrowseKey number = 0;
};

/// The studies of a database file, read beside its writers. Used from one thread.
class StudyBrowser {
 public:
  virtual ~StudyBrowser() = default;
  /// Another number after any commit by others. Throws Error(kIo) when the file is gone or is
  /// another one now.
  virtual std::int64_t version() = 0;
  /// Lives as long as the browser. Its columns are those that the study has at this moment.
  virtual std::unique_ptr<BrowseTable> trials(std::int64_t study_id) = 0;
  /// The trials of all studies; keys are their ids, the first column.
  virtual std::unique_ptr<BrowseTable> all_trials() = 0;
  /// Study and number of a trial by its id; nullopt: there is none.
  virtual std::optional<TrialPlace> place_of(std::int64_t trial_id) = 0;
  /// The learning curve of a trial; empty when it has none.
  virtual std::vector<CurvePoint> curve(std::int64_t study_id, BrowseKey number) = 0;
};

}  // namespace nas
