#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/presentation/table.h"
#include "app/session/session.h"
#include "core/api/benchmark.h"

namespace nas {

/// Columns, conditions and orders may be of any benchmark of the same space
/// (app/benchmarks/benchmark_join.h).
struct BenchmarkQuery {
  std::vector<std::string> architectures{};  ///< as `find_row` takes them; empty: all rows
  std::vector<std::string> columns{};        ///< empty: all own ones with one value per row
  std::vector<std::string> conditions{};     ///< "accuracy cifar10 >= 93", "latency_ms<3@pixel3"
  /// "COLUMN", "maximize COLUMN" or "minimize COLUMN": best first. "": the table's order.
  std::string order_by{};
  std::vector<std::string> then_by{};  ///< decide among equals, and are objectives of the front
  bool front = false;                  ///< only rows that no other row beats in all orders
  std::size_t top = 0;                 ///< the first rows of the order; 0: all
};

struct QueryAnswer {
  Table table;
  std::vector<std::string> absent;  ///< architectures that the benchmark does not have
  std::vector<std::string> notes;   ///< how texts were understood; rows that are found by function
  /// Of which benchmarks columns are that are not the benchmark's own, and how many rows have all.
  std::string sources;
  std::string front;  ///< size and hypervolume of the front, when it was asked for
  /// Where no row meets the conditions: why. The table then has the rows that miss them least.
  std::string unmet;
};

/// Rows as a table: row number, where needed whether the row is the text asked for or another one
/// of the same function ("match"), one field for each column, and the architecture. Columns are
/// called by their long keys (machines) and short names (people); a wide column gives one field for
/// each position ("loss:...[0]"). Missing values are empty, failed ones "inf" or "-inf". Where no
/// row meets the conditions, the table is "nearest_rows": at most `top` (else ten) rows with their
/// violation and what they miss.
QueryAnswer query_benchmark(Session& session, const std::string& name, const BenchmarkQuery& query);

Table benchmarks_table(const std::vector<BenchmarkRow>& benchmarks);
/// Every column with its provenance and how many values are missing or failed.
Table columns_table(const Benchmark& benchmark);

}  // namespace nas
