#include "app/objectives/nearest.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/util/text.h"

namespace nas {
namespace {

std::string misses_of(std::span<const ColumnBound> bounds, std::size_t row) {
  std::vector<std::pair<double, std::string>> missed;
  for (const ColumnBound& bound : bounds) {
    const double value = bound.values[row];
    if (holds(bound.relation, value, bound.bound)) continue;
    missed.emplace_back(-excess(bound.relation, value, bound.bound),
                        to_string(bound) + " by " + format_short(std::abs(value - bound.bound), 6));
  }
  std::stable_sort(missed.begin(), missed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> texts;
  for (auto& [order, text] : missed) texts.push_back(std::move(text));
  return join(texts, "; ");
}

}  // namespace

std::string to_string(const ColumnBound& bound) {
  return bound.name + " " + std::string(relation_text(bound.relation)) + " " +
         format_short(bound.bound, 12);
}

std::vector<NearestRow> nearest_rows(std::span<const ColumnBound> bounds,
                                     std::span<const std::size_t> rows, std::size_t limit) {
  std::vector<std::pair<double, std::size_t>> ranked;
  for (const std::size_t row : rows) {
    double violation = 0;
    for (const ColumnBound& bound : bounds) {
      const double value = bound.values[row];
      violation += std::isfinite(value) ? excess(bound.relation, value, bound.bound) : std::nan("");
    }
    if (!std::isnan(violation)) ranked.emplace_back(violation, row);
  }
  const std::size_t count = std::min(limit, ranked.size());
  const auto middle = ranked.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(ranked.begin(), middle, ranked.end());
  std::vector<NearestRow> nearest;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [violation, row] = ranked[i];
    nearest.push_back({row, violation, misses_of(bounds, row)});
  }
  return nearest;
}

std::string nearest_text(std::span<const ColumnBound> bounds, std::span<const NearestRow> nearest) {
  std::vector<std::string> wanted;
  for (const ColumnBound& bound : bounds) wanted.push_back(to_string(bound));
  const std::string none = "no row meets " + join(wanted, " and ");
  if (nearest.empty()) return none + ": none has all of these values";
  return none + "; the nearest is row " + std::to_string(nearest.front().row) + ", which misses " +
         nearest.front().misses;
}

Table nearest_rows_table(std::span<const NearestRow> nearest,
                         std::span<const std::string> architectures) {
  Table table{
      .kind = "nearest_rows",
      .columns = {{"row"}, {"violation"}, {"misses", "", true}, {"architecture", "", true}}};
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    table.rows.push_back({static_cast<std::int64_t>(nearest[i].row), nearest[i].violation,
                          nearest[i].misses, architectures[i]});
  }
  return table;
}

}  // namespace nas
