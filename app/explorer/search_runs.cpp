#include "app/explorer/search_runs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include "core/api/store.h"

namespace nas {
namespace {

/// A configuration without its name and seed: equal for the seeds of one method.
std::string method_of(const StudySpec& spec) {
  std::string method = spec.space + "\n" + spec.searcher + "\n";
  bool top = true;  // of the TOML: tables have names of their own
  std::string_view rest = spec.config;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    top = top && !line.starts_with('[');
    if (top && (line.starts_with("name ") || line.starts_with("seed "))) continue;
    method.append(line).append("\n");
  }
  return method;
}

std::optional<std::size_t> column_of(const ExplorerTable& table, std::string_view name) {
  const auto columns = table.columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<double> running_total(std::span<const double> seconds) {
  std::vector<double> totals;
  double total = 0;
  for (const double value : seconds) {
    if (std::isfinite(value)) total += value;
    totals.push_back(total);
  }
  return totals;
}

/// nullopt in `run.values` stays empty: the study never measured it.
std::optional<StudyRun> run_of(Explorer& explorer, const Explorer::Study& study,
                               const std::string& metric, const std::stop_token& stop) {
  StudyRun run{.study = study.row.spec.name, .values = {}, .seconds = {}};
  const auto table = explorer.trials(study.row.id);
  const auto column = column_of(*table, metric);
  if (!column) return run;
  const auto values = table->values(*column, stop);
  const auto complete = values ? complete_trials(*table, stop) : std::nullopt;
  if (!complete) return std::nullopt;
  run.values = *values;
  for (std::size_t i = 0; i < run.values.size() && i < complete->size(); ++i) {
    if ((*complete)[i] == 0) run.values[i] = std::numeric_limits<double>::quiet_NaN();
  }
  if (const auto time = column_of(*table, "seconds")) {
    const auto seconds = table->values(*time, stop);
    if (!seconds) return std::nullopt;
    run.seconds = running_total(*seconds);
  }
  return run;
}

}  // namespace

std::vector<std::vector<std::size_t>> study_methods(std::span<const Explorer::Study> studies,
                                                    std::int64_t id, RunScope scope) {
  const auto own = std::find_if(studies.begin(), studies.end(),
                                [id](const auto& study) { return study.row.id == id; });
  if (own == studies.end()) return {};
  if (scope == RunScope::kStudy) return {{static_cast<std::size_t>(own - studies.begin())}};
  const std::string own_method = method_of(own->row.spec);
  std::vector<std::vector<std::size_t>> methods(1);
  std::map<std::string, std::size_t> places{{own_method, 0}};
  for (std::size_t i = 0; i < studies.size(); ++i) {
    const StudySpec& spec = studies[i].row.spec;
    if (spec.space != own->row.spec.space) continue;
    const std::string method = method_of(spec);
    if (scope == RunScope::kSeeds && method != own_method) continue;
    const auto [place, fresh] = places.emplace(method, methods.size());
    if (fresh) methods.emplace_back();
    methods[place->second].push_back(i);
  }
  return methods;
}

std::optional<SearchRuns> search_runs(Explorer& explorer, std::span<const Explorer::Study> studies,
                                      std::int64_t id, const std::string& metric, RunScope scope,
                                      std::stop_token stop) {
  SearchRuns result;
  std::map<std::string, int> searchers;
  for (const std::vector<std::size_t>& members : study_methods(studies, id, scope)) {
    MethodRuns method;
    for (const std::size_t member : members) {
      auto run = run_of(explorer, studies[member], metric, stop);
      if (!run) return std::nullopt;
      if (run->values.empty()) {
        ++result.without_metric;
        continue;
      }
      method.runs.push_back(std::move(*run));
    }
    if (method.runs.empty()) continue;
    method.name = studies[members.front()].row.spec.searcher;
    ++searchers[method.name];
    result.methods.push_back(std::move(method));
  }
  for (MethodRuns& method : result.methods) {
    const std::string& study = method.runs.front().study;
    if (scope == RunScope::kStudy) {
      method.name = study;
    } else if (searchers[method.name] > 1) {
      method.name += ": " + study;
    }
  }
  return result;
}

std::optional<std::vector<std::uint8_t>> complete_trials(ExplorerTable& table,
                                                         std::stop_token stop) {
  const auto state = column_of(table, "state");
  if (!state) return std::vector<std::uint8_t>();
  return table.source().containing(*state, to_string(TrialState::kComplete), stop);
}

}  // namespace nas
