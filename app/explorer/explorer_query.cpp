#include <algorithm>
#include <cmath>
#include <utility>

#include "app/explorer/explorer_table.h"

namespace nas {

bool ExplorerQuery::start(const std::stop_token& stop) {
  if (!filter_.empty()) {
    std::vector<std::size_t> wanted;
    for (const FilterStep& step : filter_.steps) {
      if (step.kind == FilterStep::Kind::kTest) wanted.push_back(step.test.column);
    }
    if (!table_->load(wanted, stop)) return false;
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
  const BrowseColumn& column = table_->columns()[order_.column];
  if (column.kind == BrowseKind::kText) {
    text_order_.emplace(order_.column, order_.descending);
    phase_ = Phase::kText;
    return true;
  }
  if (column.indexed) {
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
  phase_ = text_order_ ? Phase::kText : Phase::kRest;
  sorted_ = {};
  sorted_at_ = 0;
}

bool ExplorerQuery::take_text(const std::stop_token& stop) {
  auto keys = text_order_->next(table_->source(), stop);
  if (!keys) return false;
  sorted_ = std::move(*keys);
  phase_ = sorted_.empty() ? Phase::kRest : Phase::kSorted;
  return true;
}

void ExplorerQuery::take_page(std::size_t limit, std::vector<BrowseKey>& keys) {
  const bool indexed = phase_ == Phase::kIndex;
  const BrowsePage page =
      table_->source().page(indexed ? order_.column : 0, indexed && order_.descending, place_,
                            static_cast<std::int64_t>(limit));
  for (const BrowseKey key : page.keys) {
    if (takes(key)) keys.push_back(key);
  }
  place_ = page.last;
  if (!page.complete) return;
  phase_ = indexed ? Phase::kRest : Phase::kDone;
  // The first column has every row.
  if (indexed && order_.column == 0) phase_ = Phase::kDone;
  place_ = {};
}

std::optional<std::vector<BrowseKey>> ExplorerQuery::next(std::size_t limit, std::stop_token stop) {
  if (phase_ == Phase::kStart && !start(stop)) return std::nullopt;
  std::vector<BrowseKey> keys;
  while (keys.size() < limit && phase_ != Phase::kDone) {
    if (stop.stop_requested()) return std::nullopt;
    if (phase_ == Phase::kSorted) {
      take_sorted(limit, keys);
    } else if (phase_ == Phase::kText) {
      if (!take_text(stop)) return std::nullopt;
    } else {
      take_page(limit, keys);
    }
  }
  return keys;
}

std::optional<std::vector<BrowseKey>> merge_changes(ExplorerTable& table, const BrowseOrder& order,
                                                    const Filter& filter,
                                                    std::span<const BrowseKey> before,
                                                    std::span<const BrowseRow> changed,
                                                    std::stop_token stop) {
  if (table.columns()[order.column].kind == BrowseKind::kText) return std::nullopt;
  std::shared_ptr<const std::vector<double>> values;
  if (order.column != 0) {
    values = table.values(order.column, stop);
    if (!values) return std::nullopt;
  }
  const auto value = [&](BrowseKey key) {
    if (!values) return static_cast<double>(key);
    const auto place = static_cast<std::size_t>(key);
    return place < values->size() ? (*values)[place] : std::nan("");
  };
  // Rows without a value come last whatever the direction.
  const auto earlier = [&](BrowseKey a, BrowseKey b) {
    const double x = value(a);
    const double y = value(b);
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
    return order.descending ? x > y : x < y;
  };
  std::vector<bool> is_changed;
  std::vector<BrowseKey> fresh;
  for (const BrowseRow& row : changed) {
    const auto place = static_cast<std::size_t>(row.key);
    if (is_changed.size() <= place) is_changed.resize(place + 1, false);
    is_changed[place] = true;
    const bool exists = !std::holds_alternative<std::monostate>(row.cells[0]);
    if (exists && passes(filter, row)) fresh.push_back(row.key);
  }
  std::stable_sort(fresh.begin(), fresh.end(), earlier);
  std::vector<BrowseKey> merged;
  merged.reserve(before.size() + fresh.size());
  auto next = fresh.begin();
  for (const BrowseKey key : before) {
    if (static_cast<std::size_t>(key) < is_changed.size() &&
        is_changed[static_cast<std::size_t>(key)]) {
      continue;
    }
    while (next != fresh.end() && earlier(*next, key)) merged.push_back(*next++);
    merged.push_back(key);
  }
  merged.insert(merged.end(), next, fresh.end());
  return merged;
}

}  // namespace nas
