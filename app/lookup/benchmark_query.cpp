#include "app/lookup/benchmark_query.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "app/benchmarks/benchmark_join.h"
#include "app/benchmarks/benchmarks.h"
#include "app/lookup/architecture_lookup.h"
#include "app/objectives/bound.h"
#include "app/objectives/front.h"
#include "app/objectives/nearest.h"
#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Nearest rows, where no row meets the conditions and no number was asked for.
constexpr std::size_t kNearest = 10;

struct Condition {
  const JoinedColumn* column;
  Bound bound;
};

struct Order {
  const JoinedColumn* column;
  bool maximize;
  double merit(std::size_t row) const {
    return maximize ? column->values[row] : -column->values[row];
  }
};

/// A query whose names were looked up.
struct ResolvedQuery {
  std::vector<const JoinedColumn*> shown;
  std::vector<Condition> conditions;
  std::vector<Order> order;
};

ResolvedQuery resolve(BenchmarkJoin& join, const BenchmarkQuery& query) {
  ResolvedQuery resolved;
  for (const std::string& text : query.columns) {
    const JoinedColumn* column = &join.column(text);
    // Two names of one column are one column: a key twice in an object would be lost.
    const auto& shown = resolved.shown;
    if (std::find(shown.begin(), shown.end(), column) == shown.end()) {
      resolved.shown.push_back(column);
    }
  }
  std::vector<std::string> orders = query.then_by;
  if (!query.order_by.empty()) orders.insert(orders.begin(), query.order_by);
  for (const std::string& text : orders) {
    const auto [name, maximize] = parse_direction(text);
    const JoinedColumn& column = join.single_column(name);
    resolved.order.push_back({&column, maximize.value_or(column.column.maximize)});
  }
  for (const std::string& text : query.conditions) {
    const Bound bound = parse_bound(text, "condition");
    const JoinedColumn& column = join.single_column(bound.name);
    resolved.conditions.push_back(
        {&column, {bound.name, bound.relation, bound.in(column.column.unit)}});
  }
  join.load_wide();
  // The columns that decide are always worth seeing.
  if (resolved.shown.empty() && query.order_by.empty()) resolved.shown = join.own_columns();
  const auto show = [&](const JoinedColumn* column) {
    const auto& shown = resolved.shown;
    const bool known = std::find(shown.begin(), shown.end(), column) != shown.end();
    if (!known && (query.columns.empty() || !column->own)) resolved.shown.push_back(column);
  };
  for (const Order& order : resolved.order) show(order.column);
  for (const Condition& condition : resolved.conditions) show(condition.column);
  return resolved;
}

/// The rows that are asked about, and those of them that were found under another text.
struct ChosenRows {
  std::vector<std::size_t> rows;
  std::set<std::size_t> other_texts;
};

ChosenRows chosen_rows(Session& session, const Benchmark& benchmark, const BenchmarkQuery& query,
                       QueryAnswer& answer) {
  ChosenRows chosen;
  ArchitectureLookup lookup(session);
  for (const std::string& text : query.architectures) {
    const RowOfText asked = lookup.row(benchmark, text);
    if (!asked.note.empty()) answer.notes.push_back(asked.note);
    if (!asked.found) {
      answer.absent.push_back(text);
      continue;
    }
    chosen.rows.push_back(asked.found->row);
    if (!asked.found->same_text) chosen.other_texts.insert(asked.found->row);
  }
  if (query.architectures.empty()) {
    chosen.rows.resize(benchmark.rows());
    std::iota(chosen.rows.begin(), chosen.rows.end(), std::size_t{0});
  }
  return chosen;
}

/// The rows that meet the conditions.
std::vector<std::size_t> meeting(const ResolvedQuery& resolved, std::vector<std::size_t> rows) {
  for (const Condition& condition : resolved.conditions) {
    const auto& [column, bound] = condition;
    std::erase_if(rows, [&](std::size_t row) {
      return !holds(bound.relation, column->values[row], bound.value);
    });
  }
  return rows;
}

std::vector<NearestRow> nearest(const ResolvedQuery& resolved, std::span<const std::size_t> rows,
                                std::size_t top, QueryAnswer& answer) {
  std::vector<ColumnBound> bounds;
  for (const auto& [column, bound] : resolved.conditions) {
    bounds.push_back({column->name, column->values, bound.relation, bound.value});
  }
  std::vector<NearestRow> found = nearest_rows(bounds, rows, top > 0 ? top : kNearest);
  answer.unmet = nearest_text(bounds, found);
  return found;
}

/// Keeps the rows that no other one beats, and says how many and how good they are.
std::string keep_front(const ResolvedQuery& resolved, std::vector<std::size_t>& rows) {
  std::erase_if(rows, [&](std::size_t row) {
    return std::any_of(resolved.order.begin(), resolved.order.end(),
                       [&](const Order& order) { return !std::isfinite(order.merit(row)); });
  });
  const std::size_t candidates = rows.size();
  std::vector<std::vector<double>> points;
  for (const std::size_t row : rows) {
    std::vector<double>& point = points.emplace_back();
    for (const Order& order : resolved.order) point.push_back(order.merit(row));
  }
  const TableFront front(std::move(points));
  std::vector<std::size_t> kept;
  for (const std::size_t i : front.front()) kept.push_back(rows[i]);
  rows = std::move(kept);
  std::string text = "front: " + format_count(static_cast<std::int64_t>(rows.size())) + " of " +
                     format_count(static_cast<std::int64_t>(candidates)) + " rows";
  if (!rows.empty() && std::isfinite(front.hypervolume())) {
    text += "; hypervolume " + format_short(front.hypervolume()) +
            " of the box from the worst to the best of these rows";
  }
  return text;
}

/// Best first; missing values last; rows of equal value stay in order.
void order_rows(const ResolvedQuery& resolved, std::size_t top, std::vector<std::size_t>& rows) {
  const auto before = [&](std::size_t a, std::size_t b) {
    for (const Order& order : resolved.order) {
      const double x = order.merit(a), y = order.merit(b);
      if (std::isnan(x) != std::isnan(y)) return std::isnan(y);
      if (x > y) return true;
      if (y > x) return false;
    }
    return false;
  };
  if (!resolved.order.empty()) std::stable_sort(rows.begin(), rows.end(), before);
  if (top > 0 && rows.size() > top) rows.resize(top);
}

Cell value_cell(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::isnan(value)) return std::monostate{};
  if (std::abs(value) >= 1000 && std::abs(value) < kExact && value == std::floor(value)) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

void add_headings(Table& table, const JoinedColumn& column) {
  const std::string& unit = column.column.unit;
  for (std::int64_t i = 0; i < column.column.width; ++i) {
    const std::string place = column.column.width == 1 ? "" : "[" + std::to_string(i) + "]";
    table.columns.push_back(
        {column.key + place, column.name + place + (unit.empty() ? "" : " (" + unit + ")"), false});
  }
}

/// `nearest`: of `chosen.rows`, where none meets the conditions.
void fill_table(const Benchmark& benchmark, const ResolvedQuery& resolved, const ChosenRows& chosen,
                std::span<const NearestRow> nearest, QueryAnswer& answer) {
  const bool met = answer.unmet.empty();
  Table& table = answer.table;
  table = {.kind = met ? "benchmark_rows" : "nearest_rows", .columns = {{"row"}}};
  if (!chosen.other_texts.empty()) table.columns.push_back({"match"});
  for (const JoinedColumn* column : resolved.shown) add_headings(table, *column);
  if (!met) table.columns.insert(table.columns.end(), {{"violation"}, {"misses", "", true}});
  table.columns.push_back({"architecture", "", true});
  for (std::size_t i = 0; i < chosen.rows.size(); ++i) {
    const std::size_t row = chosen.rows[i];
    std::vector<Cell>& cells = table.rows.emplace_back();
    cells.emplace_back(static_cast<std::int64_t>(row));
    if (!chosen.other_texts.empty()) {
      const bool other = chosen.other_texts.contains(row);
      cells.emplace_back(std::string(other ? "same function" : "same text"));
    }
    for (const JoinedColumn* column : resolved.shown) {
      const auto width = static_cast<std::size_t>(column->column.width);
      for (const double value : column->values.subspan(row * width, width)) {
        cells.push_back(value_cell(value));
      }
    }
    if (!met) cells.insert(cells.end(), {Cell(nearest[i].violation), Cell(nearest[i].misses)});
    cells.emplace_back(benchmark.text(row));
  }
}

}  // namespace

QueryAnswer query_benchmark(Session& session, const std::string& name,
                            const BenchmarkQuery& query) {
  BenchmarkJoin join(session, name);
  const ResolvedQuery resolved = resolve(join, query);
  QueryAnswer answer;
  ChosenRows chosen = chosen_rows(session, join.own(), query, answer);
  std::vector<std::size_t> met = meeting(resolved, chosen.rows);
  if (met.empty() && !chosen.rows.empty()) {
    const std::vector<NearestRow> found = nearest(resolved, chosen.rows, query.top, answer);
    chosen.rows.clear();
    for (const NearestRow& row : found) chosen.rows.push_back(row.row);
    fill_table(join.own(), resolved, chosen, found, answer);
  } else {
    chosen.rows = std::move(met);
    if (query.front) answer.front = keep_front(resolved, chosen.rows);
    order_rows(resolved, query.top, chosen.rows);
    fill_table(join.own(), resolved, chosen, {}, answer);
  }
  answer.sources = join.sources();
  return answer;
}

Table benchmarks_table(const std::vector<BenchmarkRow>& benchmarks) {
  Table table{"benchmarks",
              {{"benchmark", "", false, true},
               {"space", "", false},
               {"rows", "", false},
               {"columns", "", false},
               {"licence", "", false},
               {"source", "", true}},
              {},
              ""};
  for (const BenchmarkRow& row : benchmarks) {
    table.rows.push_back({row.info.name, row.info.space, row.rows,
                          static_cast<std::int64_t>(row.columns.size()), row.info.licence,
                          row.info.source});
  }
  return table;
}

Table columns_table(const Benchmark& benchmark) {
  Table table{"benchmark_columns",
              {{"name", "", false, true},
               {.name = "column", .shrink = true, .spare = true},
               {"unit", "", false},
               {"better", "", false},
               {"source", "", false},
               {.name = "width", .spare = true},
               {"missing", "", false},
               {"failed", "", false},
               {.name = "origin", .shrink = true, .spare = true}},
              {},
              ""};
  const std::vector<std::string> names = short_column_names(benchmark.columns());
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    const BenchmarkColumn& column = benchmark.columns()[i];
    std::vector<Cell>& cells = table.rows.emplace_back();
    cells = {names[i],
             column_text(column),
             column.unit,
             std::string(column.maximize ? "larger" : "smaller"),
             to_string(column.source),
             column.width};
    const bool loaded = column.width == 1 || benchmark.rows() == 0;
    const ValueCounts counts = loaded ? count_special(benchmark.values(i)) : ValueCounts{};
    cells.push_back(loaded ? Cell(static_cast<std::int64_t>(counts.missing)) : Cell());
    cells.push_back(loaded ? Cell(static_cast<std::int64_t>(counts.failed)) : Cell());
    cells.emplace_back(column.origin);
  }
  return table;
}

}  // namespace nas
