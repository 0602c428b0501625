#include "gui/views/panels/plot_reading.h"

#include <algorithm>
#include <cmath>

#include "gui/plots/correlation_plot.h"

namespace nas {
namespace {

/// The rows of a filter from an array by key.
template <class T>
std::vector<T> rows_of(const std::vector<T>& by_key, const std::vector<RowKey>& keys, T missing) {
  std::vector<T> rows;
  rows.reserve(keys.size());
  for (const RowKey key : keys) {
    const auto place = static_cast<std::size_t>(key);
    rows.push_back(place < by_key.size() ? by_key[place] : missing);
  }
  return rows;
}

bool read_columns(const PlotRequest& request, PlotAnswer& answer, const std::stop_token& stop) {
  if (request.keys) {
    auto sorted = std::make_shared<std::vector<RowKey>>(*request.keys);
    std::sort(sorted->begin(), sorted->end());
    answer.keys = std::move(sorted);
  }
  // By two threads where that helps.
  if (!request.table->load(request.columns, stop)) return false;
  for (const std::size_t column : request.columns) {
    auto values = request.table->values(column, stop);
    if (!values) return false;
    if (answer.keys) {
      values =
          std::make_shared<const std::vector<double>>(rows_of(*values, *answer.keys, std::nan("")));
    }
    answer.values.push_back(std::move(values));
  }
  if (!request.feasible) return true;
  auto complete = complete_trials(*request.table, stop);
  if (!complete) return false;
  answer.feasible = answer.keys ? rows_of(*complete, *answer.keys, std::uint8_t{0}) : *complete;
  return true;
}

}  // namespace

std::optional<PlotAnswer> read_plot(Explorer& explorer, const PlotRequest& request,
                                    std::stop_token stop) {
  PlotAnswer answer;
  if (!read_columns(request, answer, stop)) return std::nullopt;
  if (request.correlate) {
    std::vector<PlotColumn> columns;
    for (const auto& values : answer.values) columns.push_back({.title = {}, .values = values});
    answer.matrix = correlation_matrix(columns);
  }
  if (!request.metric.empty() && request.study) {
    auto runs =
        search_runs(explorer, request.studies, *request.study, request.metric, request.scope, stop);
    if (!runs) return std::nullopt;
    answer.runs = std::move(*runs);
  }
  if (request.study_curve && request.study) {
    auto curve = explorer.study_curve(*request.study);
    if (!curve.empty()) answer.curves.emplace_back(kOfStudy, std::move(curve));
  }
  for (const RowKey key : request.curves) {
    if (stop.stop_requested()) return std::nullopt;
    answer.curves.emplace_back(key, explorer.curve(*request.study, key));
  }
  return answer;
}

}  // namespace nas
