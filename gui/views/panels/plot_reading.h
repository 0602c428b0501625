#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "app/explorer/search_runs.h"
#include "gui/base/selection.h"

namespace nas {

/// What a plot shows of a table, as values: read in the database's thread.
struct PlotRequest {
  std::shared_ptr<ExplorerTable> table;
  std::vector<std::size_t> columns;
  /// The rows that pass the filter, in any order; null: all.
  std::shared_ptr<const std::vector<RowKey>> keys;
  std::optional<std::int64_t> study;
  bool feasible = false;   ///< which rows meet the constraints
  bool correlate = false;  ///< all pairs of the columns

  std::vector<Explorer::Study> studies;  ///< for runs
  std::string metric;                    ///< of runs; "": none are wanted
  RunScope scope = RunScope::kStudy;

  std::vector<RowKey> curves;  ///< trials
  bool study_curve = false;    ///< also that of the study, under kOfStudy
};

/// The key of the study's own curve among those of its trials.
inline constexpr RowKey kOfStudy = -1;

struct PlotAnswer {
  std::vector<std::shared_ptr<const std::vector<double>>> values;  ///< by column, then row
  std::shared_ptr<const std::vector<RowKey>> keys;                 ///< null: row i has key i
  std::vector<std::uint8_t> feasible;                              ///< by row; empty: all
  std::vector<std::optional<double>> matrix;
  SearchRuns runs;
  std::vector<std::pair<RowKey, std::vector<CurvePoint>>> curves;
};

/// nullopt: stopped.
std::optional<PlotAnswer> read_plot(Explorer& explorer, const PlotRequest& request,
                                    std::stop_token stop);

}  // namespace nas
