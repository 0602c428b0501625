#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "app/objectives/bound.h"
#include "app/presentation/table.h"

namespace nas {

/// A bound on a column of a table: one value for each row.
struct ColumnBound {
  std::string name;  ///< as people read it
  std::span<const double> values;
  Relation relation = Relation::kLess;
  double bound = 0;
};

/// "latency_ms pixel3 < 3".
std::string to_string(const ColumnBound& bound);

/// A row that misses bounds.
struct NearestRow {
  std::size_t row = 0;
  double violation = 0;  ///< sum of the relative excesses
  std::string misses;    ///< "params < 1000 by 268722; ...", the worst first
};

/// Of `rows`, none of which meets every bound, those that miss least: at most `limit`, by their
/// violation. Rows without a value of some bound are left out: how far they are is not known.
std::vector<NearestRow> nearest_rows(std::span<const ColumnBound> bounds,
                                     std::span<const std::size_t> rows, std::size_t limit);

/// Why there is no answer: "no row meets params < 1000; the nearest is row 7, which misses ...".
std::string nearest_text(std::span<const ColumnBound> bounds, std::span<const NearestRow> nearest);

/// As a table with the architectures of the rows.
Table nearest_rows_table(std::span<const NearestRow> nearest,
                         std::span<const std::string> architectures);

}  // namespace nas
