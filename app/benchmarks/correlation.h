#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/presentation/table.h"
#include "core/api/benchmark.h"
#include "core/api/search_space.h"

namespace nas {

/// How one column orders the architectures compared with another. Numbers are of the columns as
/// they are: a column where less is better correlates negatively with accuracy. Undefined where a
/// side is constant or has fewer than two values.
struct Correlation {
  std::string score;
  std::size_t pairs = 0;                    ///< rows with both values: what the numbers are of
  std::size_t missing = 0;                  ///< rows left out because the score is missing (NaN)
  std::size_t failed = 0;                   ///< failed scores among `pairs`, ranked as the worst
  std::optional<double> spearman, kendall;  ///< tau-b
  std::optional<double> pearson;            ///< of the finite pairs
  std::optional<double> pair_accuracy;      ///< as in core/util/rank_aggregation.h
  /// The best truth among the ten that the score puts first, where the directions of both are
  /// known.
  std::optional<double> best_of_ten;
};

/// Rows whose truth is missing or failed are left out.
Correlation correlate(std::string score_name, std::span<const double> truth,
                      std::span<const double> score);

/// The columns with one value per row that come from a proxy, in the benchmark's order.
std::vector<std::size_t> score_columns(const Benchmark& benchmark);

/// The truth for comparing scores with one another, which only the same rows allow: as it is where
/// all have the same rows; else, with `common`, missing outside the rows that all have. Throws
/// Error(kUsage) with the rows of each score where they differ and `common` is not set.
std::vector<double> comparable_truth(const Benchmark& benchmark, std::vector<double> truth,
                                     std::span<const std::size_t> scores, bool common);

/// Scores made one, over the rows where none is missing, as they are: the larger, the better.
struct Combinations {
  bool vote = false;      ///< the majority of the scores (core/util/rank_aggregation.h)
  bool rank_sum = false;  ///< the sum of the ranks
};

/// All `scores` against `truth` (one value per row; `maximize`: more is better), strongest Spearman
/// (by size) first, then the combinations.
std::vector<Correlation> correlate(const Benchmark& benchmark, std::span<const double> truth,
                                   bool maximize, std::span<const std::size_t> scores,
                                   Combinations combinations);

/// The truth of the best rows only, the others missing: this part of the rows that have one, with
/// all that equal the last of them. Requires 0 < part <= 1.
std::vector<double> top_part(std::vector<double> truth, bool maximize, double part);

Table correlation_table(const std::vector<Correlation>& correlations, std::size_t rows,
                        const std::string& truth);

}  // namespace nas
