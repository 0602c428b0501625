#pragma once

#include <QString>
#include <QStringList>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "gui/base/selection.h"

namespace nas {

/// A column of numbers with one value per row, shared by all plots that show it. NaN and infinities
/// are allowed: plots leave them out and say how many.
struct PlotColumn {
  QString title;             ///< with unit: "latency (ms)"
  bool logarithmic = false;  ///< how its axis starts
  bool maximize = true;      ///< which direction is better (Pareto front, best so far)
  std::shared_ptr<const std::vector<double>> values;

  std::span<const double> span() const {
    return values ? std::span<const double>(*values) : std::span<const double>();
  }
  std::size_t size() const { return values ? values->size() : 0; }
};

PlotColumn make_column(QString title, std::vector<double> values, bool maximize = true,
                       bool logarithmic = false);

/// The keys of the rows of some columns: by default row i has key i.
class RowKeys {
 public:
  RowKeys() = default;
  /// Requires ascending keys, each once.
  explicit RowKeys(std::shared_ptr<const std::vector<RowKey>> keys) : keys_(std::move(keys)) {}

  RowKey key(std::size_t row) const { return keys_ ? (*keys_)[row] : static_cast<RowKey>(row); }
  /// The row of a key, or `count` when it is not among the first `count` rows.
  std::size_t row(RowKey key, std::size_t count) const;

 private:
  std::shared_ptr<const std::vector<RowKey>> keys_;
};

/// 1 for each of `count` rows that is selected; empty when none is.
std::vector<std::uint8_t> selected_rows(const Selection* selection, const RowKeys& keys,
                                        std::size_t count);

/// Rows that no row beats in both columns, ascending by x. Rows with NaN take no part; of equal
/// rows the first is kept. O(n log f) for a front of f rows.
std::vector<std::size_t> front_of(std::span<const double> x, bool maximize_x,
                                  std::span<const double> y, bool maximize_y);

/// Whether values are all positive and so far apart that a linear axis would show only the largest:
/// scores of untrained networks reach 1e80.
bool spans_magnitudes(std::span<const double> values);

/// Which axes of a plot of these two columns start logarithmic: as the rows with both values want.
void start_logarithmic(PlotColumn& x, PlotColumn& y);

/// Names of columns for where there is little room: of "accuracy:dataset=cifar10,split=test" what
/// all names share is left out, and of the rest the values are kept: "accuracy test".
QStringList short_titles(const QStringList& titles);

/// "1,000,000".
QString counted(std::size_t count);
/// A number for people: "0.9314", "1.25M".
QString number_text(double value);
/// Short, for ticks: "12.5k", "2M", "1e+15".
QString tick_text(double value);

}  // namespace nas
