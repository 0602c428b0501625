#include "app/benchmark_query.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "app/benchmarks.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The columns of a query, in its order.
std::vector<std::size_t> chosen_columns(const Benchmark& benchmark, const BenchmarkQuery& query) {
  std::vector<std::size_t> columns;
  for (const std::string& text : query.columns) columns.push_back(benchmark.column(text));
  if (!columns.empty()) return columns;
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    if (benchmark.columns()[i].width == 1) columns.push_back(i);
  }
  return columns;
}

/// The benchmark with the wide columns that the query names.
std::shared_ptr<const Benchmark> open_for(Session& session, const std::string& name,
                                          const BenchmarkQuery& query) {
  std::shared_ptr<const Benchmark> benchmark = session.benchmark(name);
  std::vector<std::string> wide;
  for (const std::string& text : query.columns) {
    const BenchmarkColumn& column = benchmark->columns()[benchmark->column(text)];
    if (column.width > 1) wide.push_back(column_text(column));
  }
  return wide.empty() ? benchmark : session.reader().open_benchmark(name, wide);
}

std::vector<std::size_t> chosen_rows(Session& session, const Benchmark& benchmark,
                                     const BenchmarkQuery& query,
                                     std::vector<std::string>& absent) {
  std::vector<std::size_t> rows;
  for (const std::string& text : query.architectures) {
    if (const auto row = find_row(session, benchmark, text)) {
      rows.push_back(*row);
    } else {
      absent.push_back(text);
    }
  }
  if (query.architectures.empty()) {
    rows.resize(benchmark.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
  }
  for (const std::string& text : query.conditions) {
    const RowCondition condition = parse_row_condition(benchmark, text);
    const std::span<const double> values = benchmark.values(condition.column);
    std::erase_if(rows, [&](std::size_t row) { return !condition.holds(values[row]); });
  }
  return rows;
}

/// Best first; missing values last; rows of equal value stay in order.
void order_rows(const Benchmark& benchmark, const BenchmarkQuery& query,
                std::vector<std::size_t>& rows) {
  if (!query.order_by.empty()) {
    const std::size_t column = benchmark.column(query.order_by);
    const double sign = benchmark.columns()[column].maximize ? 1 : -1;
    const std::span<const double> values = benchmark.values(column);
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      const double x = sign * values[a];
      const double y = sign * values[b];
      return std::isnan(x) || std::isnan(y) ? !std::isnan(x) && std::isnan(y) : x > y;
    });
  }
  if (query.top > 0 && rows.size() > query.top) rows.resize(query.top);
}

Cell value_cell(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::isnan(value)) return std::monostate{};
  if (std::abs(value) >= 1000 && std::abs(value) < kExact && value == std::floor(value)) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

void add_headings(Table& table, const BenchmarkColumn& column) {
  const std::string text = column_text(column);
  for (std::int64_t i = 0; i < column.width; ++i) {
    std::string name = column.width == 1 ? text : text + "[" + std::to_string(i) + "]";
    std::string title = column.unit.empty() ? "" : name + " (" + column.unit + ")";
    table.columns.push_back({std::move(name), std::move(title), false});
  }
}

}  // namespace

bool RowCondition::holds(double value) const {
  if (std::isnan(value)) return false;
  if (comparison == "<") return value < bound;
  if (comparison == "<=") return value <= bound;
  if (comparison == ">") return value > bound;
  if (comparison == ">=") return value >= bound;
  return (comparison == "==") == (value == bound);
}

RowCondition parse_row_condition(const Benchmark& benchmark, std::string_view text) {
  // The '=' of KEY=VALUE never follows one of these, and columns hold none of them.
  for (const std::string_view comparison : {"<=", ">=", "==", "!=", "<", ">"}) {
    const std::size_t at = text.rfind(comparison);
    if (at == std::string_view::npos) continue;
    const std::optional<double> bound = parse_double(trim(text.substr(at + comparison.size())));
    if (!bound || std::isnan(*bound)) break;
    return {benchmark.column(trim(text.substr(0, at))), std::string(comparison), *bound};
  }
  throw Error(ErrorKind::kUsage, "condition '" + printable(text) +
                                     "': expected COLUMN < NUMBER (or <=, >, >=, ==, !=)");
}

QueryAnswer query_benchmark(Session& session, const std::string& name,
                            const BenchmarkQuery& query) {
  const std::shared_ptr<const Benchmark> benchmark = open_for(session, name, query);
  QueryAnswer answer;
  std::vector<std::size_t> rows = chosen_rows(session, *benchmark, query, answer.absent);
  order_rows(*benchmark, query, rows);
  const std::vector<std::size_t> columns = chosen_columns(*benchmark, query);
  answer.table = {"benchmark_rows", {{"row", "", false}}, {}, ""};
  for (const std::size_t column : columns) {
    add_headings(answer.table, benchmark->columns()[column]);
  }
  answer.table.columns.push_back({"architecture", "", true});
  for (const std::size_t row : rows) {
    std::vector<Cell>& cells = answer.table.rows.emplace_back();
    cells.emplace_back(static_cast<std::int64_t>(row));
    for (const std::size_t column : columns) {
      const auto width = static_cast<std::size_t>(benchmark->columns()[column].width);
      for (const double value : benchmark->values(column).subspan(row * width, width)) {
        cells.push_back(value_cell(value));
      }
    }
    cells.emplace_back(benchmark->text(row));
  }
  return answer;
}

Table benchmarks_table(const std::vector<BenchmarkRow>& benchmarks) {
  Table table{"benchmarks",
              {{"benchmark", "", false},
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
              {{"column", "", false},
               {"unit", "", false},
               {"better", "", false},
               {"source", "", false},
               {"width", "", false},
               {"missing", "", false},
               {"failed", "", false},
               {"origin", "", true}},
              {},
              ""};
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    const BenchmarkColumn& column = benchmark.columns()[i];
    std::vector<Cell>& cells = table.rows.emplace_back();
    cells = {column_text(column), column.unit, std::string(column.maximize ? "larger" : "smaller"),
             to_string(column.source), column.width};
    const bool loaded = column.width == 1 || benchmark.rows() == 0;
    const ValueCounts counts = loaded ? count_special(benchmark.values(i)) : ValueCounts{};
    cells.push_back(loaded ? Cell(static_cast<std::int64_t>(counts.missing)) : Cell());
    cells.push_back(loaded ? Cell(static_cast<std::int64_t>(counts.failed)) : Cell());
    cells.emplace_back(column.origin);
  }
  return table;
}

}  // namespace nas
