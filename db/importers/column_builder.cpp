#include "db/importers/column_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The same rows with another distance between them.
std::vector<double> restrided(const std::vector<double>& values, std::size_t stride,
                              std::size_t other) {
  std::vector<double> result(values.size() / stride * other, kMissing);
  const std::size_t kept = std::min(stride, other);
  for (std::size_t row = 0; row < values.size() / stride; ++row) {
    std::copy_n(values.data() + row * stride, kept, result.data() + row * other);
  }
  return result;
}

constexpr std::size_t kFilledUp = 64;  // for each value that was given
constexpr std::size_t kAlways = std::size_t{1} << 22;

}  // namespace

void check_density(std::size_t values, std::size_t given) {
  if (values / kFilledUp <= given || values <= kAlways) return;
  throw Error(ErrorKind::kData, "columns of " + format_count(static_cast<std::int64_t>(values)) +
                                    " values for the " +
                                    format_count(static_cast<std::int64_t>(given)) +
                                    " that are there; is it a table of rows and columns?");
}

void ColumnBuilder::set(const BenchmarkColumn& column, std::size_t row, double value) {
  set(column, row, std::span<const double>(&value, 1));
}

void ColumnBuilder::set(const BenchmarkColumn& column, std::size_t row,
                        std::span<const double> values) {
  if (values.empty()) return;
  const auto [found, fresh] = index_.emplace(column_text(column), columns_.size());
  if (fresh) {
    columns_.push_back({column, values.size(), {}});
    columns_.back().column.width = static_cast<std::int64_t>(values.size());
  }
  Column& known = columns_[found->second];
  given_ += values.size();
  grow(known, row + 1, values.size());
  std::copy(values.begin(), values.end(),
            known.values.begin() + static_cast<std::ptrdiff_t>(row * known.stride));
}

void ColumnBuilder::grow(Column& column, std::size_t rows, std::size_t width) {
  column.column.width = std::max(column.column.width, static_cast<std::int64_t>(width));
  const std::size_t stride =
      width > column.stride ? std::max(width, column.stride * 3 / 2) : column.stride;
  const std::size_t size = std::max(column.values.size() / column.stride, rows) * stride;
  if (size <= column.values.size()) return;
  values_ += size - column.values.size();
  check_density(values_, given_);
  if (stride > column.stride) column.values = restrided(column.values, column.stride, stride);
  column.stride = stride;
  if (column.values.size() < size) column.values.resize(size, kMissing);
}

void ColumnBuilder::finish(Benchmark& benchmark) {
  std::size_t values = 0;
  for (const Column& column : columns_) {
    values += benchmark.rows() * static_cast<std::size_t>(column.column.width);
  }
  check_density(values, given_);
  for (Column& column : columns_) {
    const auto width = static_cast<std::size_t>(column.column.width);
    if (column.stride != width) {
      column.values = restrided(column.values, column.stride, width);
    }
    column.values.resize(benchmark.rows() * width, kMissing);
    benchmark.add_column(std::move(column.column), std::move(column.values));
  }
  columns_.clear();
  index_.clear();
}

}  // namespace nas
