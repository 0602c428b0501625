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
#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

struct Condition {
  const JoinedColumn* column;
  Relation relation;
  double bound;
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
  for (const std::string& text : query.columns) resolved.shown.push_back(&join.column(text));
  std::vector<std::string> orders = query.then_by;
  if (!query.order_by.empty()) orders.insert(orders.begin(), query.order_by);
  for (const std::string& text : orders) {
    const auto [name, maximize] = parse_direction(text);
    const JoinedColumn& column = join.single_column(name);
    resolved.order.push_back({&column, maximize.value_or(column.column.maximize)});
  }
  for (const std::string& text : query.conditions) {
    const Bound bound = parse_bound(text, "condition");
    resolved.conditions.push_back({&join.single_column(bound.name), bound.relation, bound.value});
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

std::vector<std::size_t> chosen_rows(Session& session, const Benchmark& benchmark,
                                     const BenchmarkQuery& query, const ResolvedQuery& resolved,
                                     QueryAnswer& answer, std::set<std::size_t>& other_texts) {
  std::vector<std::size_t> rows;
  ArchitectureLookup lookup(session);
  for (const std::string& text : query.architectures) {
    const RowOfText asked = lookup.row(benchmark, text);
    if (!asked.note.empty()) answer.notes.push_back(asked.note);
    if (!asked.found) {
      answer.absent.push_back(text);
      continue;
    }
    rows.push_back(asked.found->row);
    if (!asked.found->same_text) other_texts.insert(asked.found->row);
  }
  if (query.architectures.empty()) {
    rows.resize(benchmark.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
  }
  for (const Condition& condition : resolved.conditions) {
    std::erase_if(rows, [&](std::size_t row) {
      return !holds(condition.relation, condition.column->values[row], condition.bound);
    });
  }
  return rows;
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

}  // namespace

QueryAnswer query_benchmark(Session& session, const std::string& name,
                            const BenchmarkQuery& query) {
  BenchmarkJoin join(session, name);
  const ResolvedQuery resolved = resolve(join, query);
  const Benchmark& benchmark = join.own();
  QueryAnswer answer;
  std::set<std::size_t> other_texts;
  std::vector<std::size_t> rows =
      chosen_rows(session, benchmark, query, resolved, answer, other_texts);
  if (query.front) answer.front = keep_front(resolved, rows);
  order_rows(resolved, query.top, rows);
  answer.sources = join.sources();
  answer.table = {"benchmark_rows", {{"row", "", false}}, {}, ""};
  if (!other_texts.empty()) answer.table.columns.push_back({"match", "", false});
  for (const JoinedColumn* column : resolved.shown) add_headings(answer.table, *column);
  answer.table.columns.push_back({"architecture", "", true});
  for (const std::size_t row : rows) {
    std::vector<Cell>& cells = answer.table.rows.emplace_back();
    cells.emplace_back(static_cast<std::int64_t>(row));
    if (!other_texts.empty()) {
      cells.emplace_back(std::string(other_texts.contains(row) ? "same function" : "same text"));
    }
    for (const JoinedColumn* column : resolved.shown) {
      const auto width = static_cast<std::size_t>(column->column.width);
      for (const double value : column->values.subspan(row * width, width)) {
        cells.push_back(value_cell(value));
      }
    }
    cells.emplace_back(benchmark.text(row));
  }
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
              {{"name", "", false},
               {"column", "", true},
               {"unit", "", false},
               {"better", "", false},
               {"source", "", false},
               {"width", "", false},
               {"missing", "", false},
               {"failed", "", false},
               {"origin", "", true}},
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
