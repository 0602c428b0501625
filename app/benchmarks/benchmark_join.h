#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "core/api/benchmark.h"

namespace nas {

/// A column in the rows of the benchmark that was asked.
struct JoinedColumn {
  std::string benchmark;           ///< where it comes from
  bool own = true;                 ///< from the benchmark that was asked
  std::size_t index = 0;           ///< in its own benchmark
  BenchmarkColumn column;          ///< as its own benchmark describes it
  std::string name;                ///< short; "BENCHMARK/NAME" of another benchmark
  std::string key;                 ///< `column_text`; "BENCHMARK/KEY" of another benchmark
  std::span<const double> values;  ///< one per row (of own wide columns: width per row)
};

/// The row of `from` that describes the architecture of each row of `to`; kNoRow where there is
/// none. Equal texts are equal architectures; others are compared in the space's own spelling
/// (`space` may be null), then as networks: what the authors of the space count as isomorphic and
/// has as many parameters and MACs (dead operations count in published numbers). `by_network`: how
/// many rows only that found.
constexpr std::uint32_t kNoRow = 0xFFFFFFFF;
std::vector<std::uint32_t> rows_in(const Benchmark& from, const Benchmark& to,
                                   const SearchSpace* space, std::size_t* by_network = nullptr);

/// A benchmark, and beside it the columns of all benchmarks of the same space in the store, joined
/// by architecture. What the benchmark has itself is meant first; "BENCHMARK/COLUMN" says which one
/// is meant. Not thread-safe.
class BenchmarkJoin {
 public:
  BenchmarkJoin(Session& session, const std::string& name);
  ~BenchmarkJoin();
  BenchmarkJoin(const BenchmarkJoin&) = delete;
  BenchmarkJoin& operator=(const BenchmarkJoin&) = delete;

  const Benchmark& own() const { return *own_; }

  /// Takes all forms of a name (core/api/column_names.h). Throws Error(kUsage) listing candidates
  /// for a name that is unknown or ambiguous. Columns with several values per row are the
  /// benchmark's own alone, and `values` is empty until `load_wide`.
  const JoinedColumn& column(std::string_view name);
  /// The same for a column that must have one value per row.
  const JoinedColumn& single_column(std::string_view name);
  /// All own columns with one value per row.
  std::vector<const JoinedColumn*> own_columns();
  /// Reads the vectors of the wide columns that were asked for.
  void load_wide();

  /// Where the columns come from that were asked for, and how many rows all of them have in
  /// common: "latency_ms is of benchmark 'lat'; 2 of the 3 rows of 'acc' are in both". "" when all
  /// are the benchmark's own.
  std::string sources() const;

 private:
  struct Other;
  const JoinedColumn& own_column(std::size_t index);
  const JoinedColumn& other_column(Other& other, std::size_t index);
  const JoinedColumn& column_of_others(const ColumnQuery& query);
  void find_others();
  Other* named_benchmark(std::string_view& name);

  Session& session_;
  std::shared_ptr<const Benchmark> own_;
  std::vector<std::string> own_names_;
  bool others_known_ = false;
  std::vector<std::unique_ptr<Other>> others_;
  std::map<std::string, JoinedColumn> columns_;  ///< asked for, by key
};

}  // namespace nas
