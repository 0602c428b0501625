#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/browse.h"
#include "core/api/searcher.h"

namespace nas {

// What the columns of a table mean: which one people judge rows by, what rows cost, what a
// prediction predicts. Names are found as every command finds them (core/api/column_names.h).

/// The one column of this name, by number. Throws Error(kUsage) "WHERE: ..." with the candidates of
/// a name that is unknown or ambiguous.
std::size_t named_column(std::span<const BrowseColumn> columns, std::string_view name,
                         const std::string& where);

/// Whether larger values of a column are better: as an objective of the study says, as the table of
/// metrics says, else the table.
bool larger_is_better(const BrowseColumn& column, std::span<const Objective> objectives = {});

/// Whether a column tells how well trained networks do: it holds the metric of a problem.
bool is_trained_quality(const BrowseColumn& column);

/// "%", "ms", "B"; "" = none, or not known.
std::string unit_of(const BrowseColumn& column);
/// For an axis: "latency@host (ms)", "accuracy cifar10 test (%)".
std::string title_with_unit(const BrowseColumn& column);

bool is_prediction(const BrowseColumn& column);
/// What a prediction predicts: the column that its predictor was fitted on, else the measured one
/// of the same meaning. nullopt: it is not a prediction, or the table has no such column.
std::optional<std::size_t> truth_of(std::span<const BrowseColumn> columns, std::size_t column);
/// How many rows the predictor of this column has learned from; 0: not known.
std::size_t fitted_rows(const BrowseColumn& column);

/// The first objective; of a benchmark the truth that says most: measured on test images after long
/// trainings. 0 without any.
std::size_t quality_column(std::span<const BrowseColumn> columns,
                           std::span<const Objective> objectives);
/// Further objectives, then what rows cost: parameters, MACs, latency. One for each metric.
std::vector<std::size_t> cost_columns(std::span<const BrowseColumn> columns,
                                      std::span<const Objective> objectives);
/// Whether a column is of use only to someone who looks into something: worker, error.
bool is_detail(const BrowseColumn& column);
/// All columns in the order in which people want to see them: what the row is, its objective and
/// costs, then everything else as it comes.
std::vector<std::size_t> column_order(std::span<const BrowseColumn> columns,
                                      std::span<const Objective> objectives);

/// A column as filters name it: its title where that suffices, else its name in backquotes.
std::string filter_word(std::span<const BrowseColumn> columns, std::size_t column);
/// A filter that these columns have: "accuracy > 90 and params < 1M".
std::string filter_hint(std::span<const BrowseColumn> columns,
                        std::span<const Objective> objectives);

}  // namespace nas
