#include "app/explorer_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/constraint.h"
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
    columns_[1].is_metric = false;
    const std::span<const BenchmarkColumn> all = benchmark_->columns();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].width != 1) continue;
      const auto equal = std::count_if(all.begin(), all.end(), [&](const BenchmarkColumn& other) {
        return other.metric == all[i].metric;
      });
      const std::string name = equal == 1 ? all[i].metric : column_text(all[i]);
      places_.push_back(i);
      columns_.push_back({.name = name, .title = name, .maximize = all[i].maximize});
    }
  }

  std::span<const BrowseColumn> columns() const override { return columns_; }
  BrowseKey key_end() override { return static_cast<BrowseKey>(benchmark_->rows()); }

  BrowsePage page(std::size_t, bool descending, const BrowsePlace& after,
                  std::int64_t limit) override {
    if (!descending) return page_of_keys(after, limit);
    BrowsePage page;
    BrowseKey key = after.started ? after.key : key_end();
    while (key > 0 && static_cast<std::int64_t>(page.keys.size()) < limit) {
      page.keys.push_back(--key);
    }
    page.last = {.started = true, .key = key};
    page.complete = key == 0;
    return page;
  }

  BrowsePage page_of_keys(const BrowsePlace& after, std::int64_t limit) override {
    BrowsePage page;
    BrowseKey key = after.started ? after.key + 1 : 0;
    while (key < key_end() && static_cast<std::int64_t>(page.keys.size()) < limit) {
      page.keys.push_back(key++);
    }
    page.last = {.started = true, .key = key - 1};
    page.complete = key == key_end();
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

  std::optional<std::vector<std::uint8_t>> containing(std::size_t, std::string_view part,
                                                      std::stop_token stop) override {
    const std::string wanted = to_lower(part);
    std::vector<std::uint8_t> mask(benchmark_->rows());
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (i % 4096 == 0 && stop.stop_requested()) return std::nullopt;
      mask[i] = to_lower(benchmark_->text(i)).find(wanted) != std::string::npos ? 1 : 0;
    }
    return mask;
  }

 private:
  std::shared_ptr<const Benchmark> benchmark_;
  std::vector<std::size_t> places_;  ///< in the benchmark, of the columns from the third on
  std::vector<BrowseColumn> columns_;
};

}  // namespace

std::unique_ptr<BrowseTable> benchmark_table(std::shared_ptr<const Benchmark> benchmark) {
  return std::make_unique<BenchmarkTable>(std::move(benchmark));
}

bool larger_is_better(const BrowseColumn& column) {
  const std::string_view name = std::string_view(column.name);
  const std::string_view base = name.substr(0, name.find_first_of("@:"));
  for (const MetricInfo& metric : metric_catalogue()) {
    if (metric.name == base) return metric.maximize;
  }
  return column.maximize;
}

std::shared_ptr<const std::vector<double>> ExplorerTable::values(std::size_t column,
                                                                 std::stop_token stop) {
  const auto found = values_.find(column);
  if (found != values_.end()) return found->second;
  auto values = table_->values(column, std::move(stop));
  if (!values) return nullptr;
  auto shared = std::make_shared<const std::vector<double>>(std::move(*values));
  values_.emplace(column, shared);
  return shared;
}

bool ExplorerQuery::start(const std::stop_token& stop) {
  if (!filter_.empty()) {
    std::vector<std::shared_ptr<const std::vector<double>>> alive;
    const ColumnSource source = [&](std::size_t column) -> std::optional<std::span<const double>> {
      alive.push_back(table_->values(column, stop));
      if (!alive.back()) return std::nullopt;
      return std::span<const double>(*alive.back());
    };
    auto passes = evaluate_filter(filter_, table_->source(), source, stop);
    if (!passes) return false;
    passes_ = std::move(*passes);
  }
  seen_.assign(static_cast<std::size_t>(table_->source().key_end()), false);
  if (table_->columns()[order_.column].indexed) {
    phase_ = Phase::kIndex;
    return true;
  }
  const auto values = table_->values(order_.column, stop);
  if (!values) return false;
  sort(*values);
  phase_ = Phase::kSorted;
  return true;
}

void ExplorerQuery::sort(std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) sorted_.push_back(static_cast<BrowseKey>(i));
  }
  const auto value = [&](BrowseKey key) { return values[static_cast<std::size_t>(key)]; };
  std::stable_sort(sorted_.begin(), sorted_.end(), [&](BrowseKey a, BrowseKey b) {
    return order_.descending ? value(a) > value(b) : value(a) < value(b);
  });
}

bool ExplorerQuery::takes(BrowseKey key) {
  const auto place = static_cast<std::size_t>(key);
  // A row that came after the query had started belongs to the next one.
  if (place >= seen_.size() || seen_[place]) return false;
  seen_[place] = true;
  return passes_.empty() || (place < passes_.size() && passes_[place] != 0);
}

void ExplorerQuery::take_sorted(std::size_t limit, std::vector<BrowseKey>& keys) {
  while (sorted_at_ < sorted_.size() && keys.size() < limit) {
    const BrowseKey key = sorted_[sorted_at_++];
    if (takes(key)) keys.push_back(key);
  }
  if (sorted_at_ < sorted_.size()) return;
  phase_ = Phase::kRest;
  sorted_ = {};
}

std::optional<std::vector<BrowseKey>> ExplorerQuery::next(std::size_t limit, std::stop_token stop) {
  if (phase_ == Phase::kStart && !start(stop)) return std::nullopt;
  std::vector<BrowseKey> keys;
  while (keys.size() < limit && phase_ != Phase::kDone) {
    if (stop.stop_requested()) return std::nullopt;
    if (phase_ == Phase::kSorted) {
      take_sorted(limit, keys);
      continue;
    }
    const auto wanted = static_cast<std::int64_t>(limit);
    const BrowsePage page =
        phase_ == Phase::kIndex
            ? table_->source().page(order_.column, order_.descending, place_, wanted)
            : table_->source().page_of_keys(place_, wanted);
    for (const BrowseKey key : page.keys) {
      if (takes(key)) keys.push_back(key);
    }
    place_ = page.last;
    if (!page.complete) continue;
    phase_ = phase_ == Phase::kIndex ? Phase::kRest : Phase::kDone;
    place_ = {};
  }
  return keys;
}

}  // namespace nas
