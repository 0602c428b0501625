#include "app/explorer/explorer_table.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <utility>

#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

class BenchmarkTable final : public BrowseTable {
 public:
  explicit BenchmarkTable(std::shared_ptr<const Benchmark> benchmark)
      : benchmark_(std::move(benchmark)) {
    BrowseColumn number{
        .name = "number", .title = "Row", .kind = BrowseKind::kInteger, .indexed = true};
    number.maximize = number.is_metric = false;
    columns_ = {number,
                {.name = "architecture", .title = "Architecture", .kind = BrowseKind::kText}};
    columns_[1].maximize = columns_[1].is_metric = false;
    const std::span<const BenchmarkColumn> all = benchmark_->columns();
    const std::vector<std::string> short_names = short_column_names(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].width != 1) continue;
      const auto equal = std::count_if(all.begin(), all.end(), [&](const BenchmarkColumn& other) {
        return other.metric == all[i].metric;
      });
      const std::string name = equal == 1 ? all[i].metric : column_text(all[i]);
      places_.push_back(i);
      columns_.push_back(
          {.name = name, .title = short_names[i], .maximize = all[i].maximize, .holds = all[i]});
    }
  }

  std::span<const BrowseColumn> columns() const override { return columns_; }
  BrowseKey key_end() override { return static_cast<BrowseKey>(benchmark_->rows()); }

  BrowsePage page(std::size_t, bool descending, const BrowsePlace& after,
                  std::int64_t limit) override {
    BrowsePage page;
    const BrowseKey step = descending ? -1 : 1;
    BrowseKey key = after.started ? after.key + step : (descending ? key_end() - 1 : 0);
    while (key >= 0 && key < key_end() && static_cast<std::int64_t>(page.keys.size()) < limit) {
      page.keys.push_back(key);
      key += step;
    }
    page.last = {.started = true, .value = 0, .key = key - step};
    page.complete = key < 0 || key >= key_end();
    return page;
  }

  std::vector<BrowseRow> rows(std::span<const BrowseKey> keys) override {
    std::vector<BrowseRow> result;
    for (const BrowseKey key : keys) {
      BrowseRow row{.key = key, .cells = std::vector<BrowseCell>(columns_.size())};
      if (key >= 0 && key < key_end()) {
        const auto place = static_cast<std::size_t>(key);
        row.cells[0] = key;
        row.cells[1] = benchmark_->text(place);
        for (std::size_t i = 0; i < places_.size(); ++i) {
          const double value = benchmark_->value(places_[i], place);
          if (!std::isnan(value)) row.cells[i + 2] = value;
        }
      }
      result.push_back(std::move(row));
    }
    return result;
  }

  std::optional<std::vector<double>> values(std::size_t column, std::stop_token) override {
    if (column >= 2) {
      const std::span<const double> values = benchmark_->values(places_[column - 2]);
      return std::vector<double>(values.begin(), values.end());
    }
    std::vector<double> numbers(benchmark_->rows());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
    return numbers;
  }

  bool texts(std::size_t, const TextVisitor& visit, std::stop_token stop) override {
    for (std::size_t i = 0; i < benchmark_->rows(); ++i) {
      if (i % 4096 == 0 && stop.stop_requested()) return false;
      visit(static_cast<BrowseKey>(i), benchmark_->text(i));
    }
    return true;
  }

  std::optional<std::vector<BrowseKey>> changes(BrowseMark& mark, std::int64_t) override {
    mark.taken = true;
    return std::vector<BrowseKey>();
  }

 private:
  std::shared_ptr<const Benchmark> benchmark_;
  std::vector<std::size_t> places_;  ///< in the benchmark, of the columns from the third on
  std::vector<BrowseColumn> columns_;
};

/// Below this a column is read before a thread has started.
constexpr std::size_t kWorthAThread = 100'000;
/// More rows are read faster column by column.
constexpr std::int64_t kMostChanges = 5000;

double number_of(const BrowseCell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*integer);
  const auto* real = std::get_if<double>(&cell);
  return real == nullptr ? std::nan("") : *real;
}

}  // namespace

std::unique_ptr<BrowseTable> benchmark_table(std::shared_ptr<const Benchmark> benchmark) {
  return std::make_unique<BenchmarkTable>(std::move(benchmark));
}

ExplorerTable::ExplorerTable(std::unique_ptr<BrowseTable> table, std::shared_ptr<void> owner,
                             Companion companion)
    : owner_(std::move(owner)), table_(std::move(table)), make_companion_(std::move(companion)) {
  // First the mark: what comes while the columns are read is read again.
  table_->changes(mark_, 0);
  length_ = static_cast<std::size_t>(table_->key_end());
}

void ExplorerTable::remember(std::size_t column, std::vector<double> values) {
  values.resize(length_, std::nan(""));
  values_[column] = std::make_shared<std::vector<double>>(std::move(values));
}

std::shared_ptr<const std::vector<double>> ExplorerTable::values(std::size_t column,
                                                                 std::stop_token stop) {
  const auto found = values_.find(column);
  if (found != values_.end()) return found->second;
  auto values = table_->values(column, std::move(stop));
  if (!values) return nullptr;
  remember(column, std::move(*values));
  return values_[column];
}

bool ExplorerTable::load(std::span<const std::size_t> columns, const std::stop_token& stop) {
  std::vector<std::size_t> missing;
  for (const std::size_t column : columns) {
    const bool known = values_.contains(column) ||
                       std::find(missing.begin(), missing.end(), column) != missing.end();
    if (!known && this->columns()[column].kind != BrowseKind::kText) missing.push_back(column);
  }
  if (missing.size() > 1 && length_ >= kWorthAThread && make_companion_) load_by_two(missing, stop);
  for (const std::size_t column : missing) {
    if (!values(column, stop)) return false;
  }
  return true;
}

// What the companion could not read is left to the caller, who meets the same problem.
void ExplorerTable::load_by_two(std::span<const std::size_t> missing, const std::stop_token& stop) {
  std::vector<std::optional<std::vector<double>>> read(missing.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&](BrowseTable& table) {
    for (std::size_t i = next++; i < missing.size(); i = next++) {
      read[i] = table.values(missing[i], stop);
    }
  };
  std::thread helper([&] {
    try {
      if (!companion_) companion_ = make_companion_();
      work(*companion_);
    } catch (const std::exception&) {
      companion_.reset();
    }
  });
  try {
    work(*table_);
  } catch (...) {
    helper.join();
    throw;
  }
  helper.join();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (read[i]) remember(missing[i], std::move(*read[i]));
  }
}

std::optional<std::vector<BrowseRow>> ExplorerTable::refresh() {
  // What cannot be read now is not passed over: the next refresh begins at the same mark.
  BrowseMark mark = mark_;
  const auto keys = table_->changes(mark, kMostChanges);
  length_ = static_cast<std::size_t>(table_->key_end());
  std::vector<BrowseRow> rows;
  if (keys) rows = table_->rows(*keys);
  mark_ = std::move(mark);
  if (!keys) {
    values_.clear();
    return std::nullopt;
  }
  for (auto& [column, values] : values_) {
    // Plots may hold the column as it was.
    if (values.use_count() > 1) values = std::make_shared<std::vector<double>>(*values);
    values->resize(length_, std::nan(""));
    for (const BrowseRow& row : rows) {
      const auto place = static_cast<std::size_t>(row.key);
      if (place < length_) (*values)[place] = number_of(row.cells[column]);
    }
  }
  return rows;
}

}  // namespace nas
