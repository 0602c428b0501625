#pragma once

#include <memory>

#include "app/benchmarks/table_rows.h"
#include "core/api/benchmark.h"
#include "core/api/predictor.h"

namespace nas {

/// A vector that describes each architecture: of few numbers, and not of a training.
bool is_score_vector(const BenchmarkColumn& column);

/// Columns of a benchmark as scores of untrained networks: those of no training (epochs 0, one
/// value per row), by their full text, and by their metric alone where that names one column.
/// The elements of a vector (`is_score_vector`) are "autoencoder[0]", "autoencoder[1]", ... where
/// its values were loaded. Missing values are NaN; failed ones -inf. The arguments must outlive it.
std::unique_ptr<ScoreSource> make_table_scores(const Benchmark& benchmark, const SearchSpace& space,
                                               const TableRows& rows);

}  // namespace nas
