#pragma once

#include <memory>

#include "app/benchmarks/table_rows.h"
#include "core/api/benchmark.h"
#include "core/api/predictor.h"

namespace nas {

/// Columns of a benchmark as scores of untrained networks: those of no training (epochs 0, one
/// value per row), by their full text, and by their metric alone where that names one column.
/// Missing values are NaN; failed ones -inf. The arguments must outlive it.
std::unique_ptr<ScoreSource> make_table_scores(const Benchmark& benchmark, const SearchSpace& space,
                                               const TableRows& rows);

}  // namespace nas
