#include <algorithm>
#include <cmath>
#include <ctime>
#include <optional>

#include "app/reports/report.h"
#include "app/reports/value_sources.h"
#include "app/study/trial_network.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The metrics that a report shows: objectives, metrics of constraints, then the costs.
std::vector<MetricKey> shown_metrics(const StudyData& study) {
  std::vector<MetricKey> keys;
  const auto add = [&keys](const MetricKey& key) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  };
  for (const std::string& text : study.config.objectives) {
    add(parse_metric(parse_objective(text).metric));
  }
  for (const Constraint& constraint : study.constraints) add(constraint.metric);
  add({"params", ""});
  const DataKind* data = find_data_kind(study.config.data);
  const bool circuits = data != nullptr && data->problem->fits_itself();
  if (!circuits) add({"macs", ""});
  return keys;
}

Cell metric_cell(const MetricValues& values, const MetricKey& key) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const auto found = values.find(key);
  if (found == values.end()) return {};
  const double value = found->second;
  const bool whole = metric_info(key.name).whole;
  if (whole && std::abs(value) < kExact && value == std::floor(value)) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

/// "2026-11-24 14:03:05" (UTC).
std::string time_text(std::int64_t microseconds) {
  const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm parts{};
  char text[32] = "";
  if (gmtime_r(&seconds, &parts) == nullptr) return "";
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

void add_metric_columns(Table& table, const std::vector<MetricKey>& keys) {
  for (const MetricKey& key : keys) {
    const std::string unit(metric_info(key.name).unit);
    const bool has_unit = unit == "%" || unit == "B";
    table.columns.push_back({key.text(), has_unit ? key.text() + " (" + unit + ")" : "", false});
  }
}

/// Those of `keys` for which some trial says where the value may lie.
std::vector<MetricKey> keys_with_intervals(const StudyData& study,
                                           const std::vector<MetricKey>& keys) {
  std::vector<MetricKey> found;
  for (const MetricKey& key : keys) {
    const auto says = [&key](const TrialRow& trial) {
      return to_intervals(trial.metrics).contains(key);
    };
    if (std::ranges::any_of(study.trials, says)) found.push_back(key);
  }
  return found;
}

/// "latency_ms_low@host" and "latency_ms_high@host".
void add_interval_columns(Table& table, const std::vector<MetricKey>& keys) {
  for (const MetricKey& key : keys) {
    for (const char* end : {"_low", "_high"}) {
      table.columns.push_back(
          {.name = MetricKey{key.name + end, key.device}.text(), .for_programs = true});
    }
  }
}

void add_intervals(const MetricIntervals& intervals, const std::vector<MetricKey>& keys,
                   std::vector<Cell>& row) {
  for (const MetricKey& key : keys) {
    const auto found = intervals.find(key);
    const bool known = found != intervals.end();
    row.push_back(known ? Cell(found->second.low) : Cell());
    row.push_back(known ? Cell(found->second.high) : Cell());
  }
}

/// What people read in the heading.
void add_provenance_columns(Table& table) {
  for (const char* name : {"network", "trained_network", "sources"}) {
    table.columns.push_back({.name = name, .for_programs = true});
  }
}

/// The networks that a trial's sizes and latency, and its training, are of, and where the study's
/// values come from; missing where unknown.
void add_provenance(const TrialRow& trial, const std::string& sources, std::vector<Cell>& row) {
  for (const std::string& text : {trial.network, trained_network(trial), sources}) {
    row.push_back(text.empty() ? Cell() : Cell(text));
  }
}

const TrialRow& trial_of(const StudyData& study, std::int64_t number) {
  const auto found = std::lower_bound(
      study.trials.begin(), study.trials.end(), number,
      [](const TrialRow& row, std::int64_t wanted) { return row.number < wanted; });
  NAS_CHECK(found != study.trials.end() && found->number == number, "a summary has its trial");
  return *found;
}

std::int64_t count_reused(const StudyData& study) {
  return std::count_if(study.trials.begin(), study.trials.end(),
                       [](const TrialRow& row) { return !row.reused_from.empty(); });
}

std::string provenance_heading(const StudyData& study, const std::string& sources) {
  const std::string networks = networks_heading(study);
  return networks + (networks.empty() || sources.empty() ? "" : "; ") + sources;
}

/// Trials that were abandoned keep their claim; only a study that runs has running ones.
std::int64_t running_trials(const StudyRow& row) {
  return row.state == StudyState::kRunning ? row.trials_running : 0;
}

}  // namespace

Table ranking_table(const StudyData& study, std::string_view kind,
                    const std::vector<TrialSummary>& trials) {
  const std::vector<MetricKey> keys = shown_metrics(study);
  Table table{std::string(kind), {{"rank", "", false}, {"trial", "", false}}, {}, ""};
  add_metric_columns(table, keys);
  // Multi-fidelity searchers train for different numbers of epochs: their accuracies differ in
  // kind.
  const bool lengths_differ =
      std::any_of(study.trials.begin(), study.trials.end(),
                  [&, first = std::optional<std::string>()](const TrialRow& trial) mutable {
                    for (const MetricValue& metric : trial.metrics) {
                      if (metric.fidelity.empty() || metric.device) continue;
                      if (!first) first = metric.fidelity;
                      return metric.fidelity != *first;
                    }
                    return false;
                  });
  if (lengths_differ) table.columns.push_back({"epochs", "", false});
  const std::string sources = value_sources(study, keys);
  const std::vector<MetricKey> with_intervals = keys_with_intervals(study, keys);
  add_provenance_columns(table);
  add_interval_columns(table, with_intervals);
  table.columns.push_back({"architecture", "", true});
  for (std::size_t i = 0; i < trials.size(); ++i) {
    std::vector<Cell>& row = table.rows.emplace_back();
    row.emplace_back(static_cast<std::int64_t>(i + 1));
    row.emplace_back(trials[i].number);
    for (const MetricKey& key : keys) row.push_back(metric_cell(trials[i].values, key));
    if (lengths_differ) row.emplace_back(trials[i].epochs);
    add_provenance(trial_of(study, trials[i].number), sources, row);
    add_intervals(trials[i].intervals, with_intervals, row);
    row.emplace_back(trials[i].architecture);
  }
  table.heading = provenance_heading(study, sources);
  return table;
}

Table studies_table(const std::vector<StudyRow>& rows) {
  Table table{"studies",
              {{"study", "", false, true},
               {"state", "", false, true},
               {.name = "space", .whole = true, .spare = true},
               {"searcher", "", false},
               {.name = "seed", .spare = true},
               {"complete", "", false},
               {.name = "infeasible", .spare = true},
               {.name = "failed", .spare = true},
               {.name = "running", .spare = true},
               {"budget", "", false},
               {.name = "created_utc", .title = "created (UTC)", .spare = true}},
              {},
              ""};
  for (const StudyRow& row : rows) {
    table.rows.push_back({row.spec.name, to_string(row.state), row.spec.space, row.spec.searcher,
                          static_cast<std::int64_t>(row.spec.seed), row.trials_complete,
                          row.trials_infeasible, row.trials_failed, running_trials(row),
                          row.spec.budget_trials, time_text(row.created_us)});
  }
  return table;
}

Table summary_table(const StudyData& study) {
  Table table = single_table("summary");
  const auto add = [&table](std::string_view property, Cell value) {
    add_fact(table, std::string(property), std::move(value));
  };
  const StudyRow& row = study.row;
  add("study", row.spec.name);
  add("state", to_string(row.state));
  add("space", row.spec.space);
  add("searcher", row.spec.searcher);
  add("data", study.config.data);
  add("objectives", join(study.config.objectives, ", "));
  if (!study.config.constraints.empty()) {
    add("constraints", join(study.config.constraints, ", "));
  }
  if (const std::string networks = networks_heading(study); !networks.empty()) {
    add("networks", networks);
  }
  if (const std::string sources = value_sources(study, shown_metrics(study)); !sources.empty()) {
    add("sources", sources);
  }
  add("seed", static_cast<std::int64_t>(row.spec.seed));
  add("workers", study.config.workers);
  add("budget_trials", row.spec.budget_trials);
  add("complete", row.trials_complete);
  add("infeasible", row.trials_infeasible);
  add("failed", row.trials_failed);
  if (running_trials(row) > 0) add("running", running_trials(row));
  add("reused", count_reused(study));
  double seconds = 0;
  for (const TrialRow& trial : study.trials) seconds += trial.seconds;
  add("trial_time", format_seconds(seconds));
  const std::vector<TrialSummary> best = leaders(study, "", 1);
  const std::optional<TrialSummary> closest = closest_trial(study);
  if (!best.empty()) {
    const MetricKey key = parse_metric(parse_objective(study.config.objectives.at(0)).metric);
    add("best_" + key.text(), metric_cell(best[0].values, key));
    add("best_trial", best[0].number);
    add("best_architecture", best[0].architecture);
  } else if (closest) {
    add("closest_trial", closest->number);
    add("closest_architecture", closest->architecture);
    add("closest_misses", closest->error);
  }
  add("searchlight_version", row.spec.environment.version);
  add("libraries", row.spec.environment.libraries);
  add("cpu", row.spec.environment.cpu);
  add("created_utc", time_text(row.created_us));
  add("updated_utc", time_text(row.updated_us));
  return table;
}

Table leaderboard_table(const StudyData& study, std::string_view objective, std::int64_t limit) {
  return ranking_table(study, "leaderboard", leaders(study, objective, limit));
}

Table pareto_table(const StudyData& study) {
  return ranking_table(study, "pareto", pareto(study));
}

Table trials_table(const StudyData& study) {
  const std::vector<MetricKey> keys = shown_metrics(study);
  Table table{"trials", {{"trial", "", false}, {"state", "", false}}, {}, ""};
  add_metric_columns(table, keys);
  for (const char* name : {"violation", "seconds"}) table.columns.push_back({name, "", false});
  for (const char* name : {"architecture", "proposal", "reused_from", "error"}) {
    table.columns.push_back({name, "", true});
  }
  const std::string sources = value_sources(study, keys);
  const std::vector<MetricKey> with_intervals = keys_with_intervals(study, keys);
  add_provenance_columns(table);
  add_interval_columns(table, with_intervals);
  for (const TrialRow& trial : study.trials) {
    const MetricValues values = to_values(trial.metrics);
    std::vector<Cell>& row = table.rows.emplace_back();
    row.emplace_back(trial.number);
    row.emplace_back(to_string(trial.state));
    for (const MetricKey& key : keys) row.push_back(metric_cell(values, key));
    row.emplace_back(trial.violation);
    row.emplace_back(trial.seconds);
    for (const std::string* text : {&trial.text, &trial.reason, &trial.reused_from, &trial.error}) {
      row.emplace_back(*text);
    }
    add_provenance(trial, sources, row);
    add_intervals(to_intervals(trial.metrics), with_intervals, row);
  }
  table.heading = provenance_heading(study, sources);
  return table;
}

}  // namespace nas
