#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/api/benchmark.h"

namespace nas {

/// Columns that grow row by row, in the order in which they first appear; what is not set is NaN.
class ColumnBuilder {
 public:
  void set(const BenchmarkColumn& column, std::size_t row, double value);
  /// A curve or another vector; `column.width` is ignored, the longest one counts.
  void set(const BenchmarkColumn& column, std::size_t row, std::span<const double> values);
  /// Adds all columns to a benchmark whose rows are set.
  void finish(Benchmark& benchmark);

 private:
  struct Column {
    BenchmarkColumn column;
    std::vector<double> values;
  };
  std::map<std::string, std::size_t> index_;
  std::vector<Column> columns_;
};

}  // namespace nas
