#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/session.h"
#include "app/table.h"
#include "core/api/benchmark.h"

namespace nas {

/// "accuracy:dataset=cifar10,split=test >= 93": a column and a bound.
struct RowCondition {
  std::size_t column = 0;
  std::string comparison;  ///< "<", "<=", ">", ">=", "==" or "!="
  double bound = 0;
  bool holds(double value) const;  ///< never for a missing value
};
/// Throws Error(kUsage) for a malformed text, an unknown or an ambiguous column.
RowCondition parse_row_condition(const Benchmark& benchmark, std::string_view text);

struct BenchmarkQuery {
  std::vector<std::string> architectures;  ///< as `find_row` takes them; empty: all rows
  std::vector<std::string> columns;        ///< column queries; empty: all columns of one value
  std::vector<std::string> conditions;
  std::string order_by;  ///< column query; "": the table's order
  std::size_t top = 0;   ///< best rows by `order_by` (its better direction first); 0: all
};

struct QueryAnswer {
  Table table;
  std::vector<std::string> absent;  ///< architectures that the benchmark does not have
};

/// Rows as a table: row number, architecture and one field a column, named by its `column_text`; a
/// wide column gives one field a position ("loss:...[0]"). Missing values are empty, failed ones
/// "inf" or "-inf".
QueryAnswer query_benchmark(Session& session, const std::string& name, const BenchmarkQuery& query);

Table benchmarks_table(const std::vector<BenchmarkRow>& benchmarks);
/// Every column with its provenance and how many values are missing or failed.
Table columns_table(const Benchmark& benchmark);

}  // namespace nas
