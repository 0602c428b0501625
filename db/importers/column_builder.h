#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/api/benchmark.h"

namespace nas {

/// Columns are as long as the table has rows, and as wide as their longest vector. Throws
/// Error(kData) when nearly all of that would be filled up: a damaged file that has a column of
/// its own for every row, or one endless vector, would ask for memory by the square of its size.
void check_density(std::size_t values, std::size_t given);

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
    std::size_t stride = 1;  // between rows; at least the width, more while vectors get longer
    std::vector<double> values;
  };
  void grow(Column& column, std::size_t rows, std::size_t width);

  std::size_t values_ = 0, given_ = 0;  // of all columns: stored, and set
  std::map<std::string, std::size_t> index_;
  std::vector<Column> columns_;
};

}  // namespace nas
