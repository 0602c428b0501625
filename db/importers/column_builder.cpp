#include "db/importers/column_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The same rows with more values in each.
std::vector<double> widened(const std::vector<double>& values, std::size_t width,
                            std::size_t wider) {
  std::vector<double> result(values.size() / width * wider, kMissing);
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[i / width * wider + i % width] = values[i];
  }
  return result;
}

}  // namespace

void ColumnBuilder::set(const BenchmarkColumn& column, std::size_t row, double value) {
  set(column, row, std::span<const double>(&value, 1));
}

void ColumnBuilder::set(const BenchmarkColumn& column, std::size_t row,
                        std::span<const double> values) {
  if (values.empty()) return;
  const auto [found, fresh] = index_.emplace(column_text(column), columns_.size());
  if (fresh) {
    columns_.push_back({column, {}});
    columns_.back().column.width = static_cast<std::int64_t>(values.size());
  }
  Column& known = columns_[found->second];
  auto width = static_cast<std::size_t>(known.column.width);
  if (values.size() > width) {
    known.values = widened(known.values, width, values.size());
    width = values.size();
    known.column.width = static_cast<std::int64_t>(width);
  }
  if (known.values.size() < (row + 1) * width) known.values.resize((row + 1) * width, kMissing);
  std::copy(values.begin(), values.end(),
            known.values.begin() + static_cast<std::ptrdiff_t>(row * width));
}

void ColumnBuilder::finish(Benchmark& benchmark) {
  for (Column& column : columns_) {
    const auto width = static_cast<std::size_t>(column.column.width);
    column.values.resize(benchmark.rows() * width, kMissing);
    benchmark.add_column(std::move(column.column), std::move(column.values));
  }
  columns_.clear();
  index_.clear();
}

}  // namespace nas
