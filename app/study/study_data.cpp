#include "app/study/study_data.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Of the training that the values come from; 0: of none.
std::int64_t epochs_of(const TrialRow& row) {
  for (const MetricValue& metric : row.metrics) {
    if (const std::int64_t epochs = parse_fidelity(metric.fidelity).epochs()) return epochs;
  }
  return 0;
}

TrialSummary summarise(const TrialRow& row) {
  return {.number = row.number,
          .architecture = row.text,
          .state = row.state,
          .values = to_values(row.metrics),
          .intervals = to_intervals(row.metrics),
          .violation = row.violation,
          .error = row.error,
          .epochs = epochs_of(row)};
}

Objective choose_objective(const StudyData& study, std::string_view objective) {
  return parse_objective(objective.empty() ? study.config.objectives.at(0) : objective);
}

std::vector<Objective> objectives_of(const StudyData& study) {
  std::vector<Objective> result;
  for (const std::string& text : study.config.objectives) result.push_back(parse_objective(text));
  return result;
}

}  // namespace

StudyRow find_study_or_throw(const Store& store, std::string_view name) {
  if (std::optional<StudyRow> row = store.find_study(name)) return *std::move(row);
  std::vector<std::string> names;
  for (const StudyRow& row : store.studies()) names.push_back(row.spec.name);
  throw Error(ErrorKind::kUsage, unknown_name("study", name, names));
}

StudyData load_study(const Store& store, std::string_view name) {
  StudyData data;
  data.row = find_study_or_throw(store, name);
  data.config = parse_study_config(data.row.spec.config, "study '" + data.row.spec.name + "'");
  for (const std::string& text : data.config.constraints) {
    data.constraints.push_back(parse_constraint(text));
  }
  data.trials = store.trials(data.row.id);
  return data;
}

std::vector<TrialSummary> summaries(const StudyData& study) {
  std::vector<TrialSummary> result;
  for (const TrialRow& row : study.trials) result.push_back(summarise(row));
  return result;
}

std::vector<TrialSummary> leaders(const StudyData& study, std::string_view objective,
                                  std::int64_t limit) {
  const std::vector<Objective> order{choose_objective(study, objective)};
  struct Ranked {
    double merit;
    const TrialRow* row;
  };
  std::vector<Ranked> ranked;
  for (const TrialRow& row : study.trials) {
    if (row.state != TrialState::kComplete) continue;
    const auto merit = merits(order, to_values(row.metrics));
    if (merit && !std::isnan(merit->front())) ranked.push_back({merit->front(), &row});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.merit > b.merit; });
  std::vector<TrialSummary> result;
  std::set<std::string_view> seen;
  for (const Ranked& item : ranked) {
    if (limit > 0 && static_cast<std::int64_t>(result.size()) >= limit) break;
    if (seen.insert(item.row->text).second) result.push_back(summarise(*item.row));
  }
  return result;
}

std::vector<TrialSummary> pareto(const StudyData& study) {
  const std::vector<Objective> objectives = objectives_of(study);
  std::vector<TrialSummary> candidates = leaders(study, "", 0);
  std::vector<std::vector<double>> points;
  std::erase_if(candidates, [&](const TrialSummary& trial) {
    return !merits(objectives, trial.values).has_value();
  });
  for (const TrialSummary& trial : candidates) {
    std::vector<double> point = *merits(objectives, trial.values);
    for (double& value : point) value = -value;  // pareto_front minimises
    points.push_back(std::move(point));
  }
  std::vector<TrialSummary> front;
  for (const std::size_t index : pareto_front(points)) front.push_back(candidates[index]);
  return front;
}

std::vector<BestSoFar> best_so_far(const StudyData& study) {
  const Objective objective = choose_objective(study, "");
  const MetricKey key = parse_metric(objective.metric);
  std::vector<BestSoFar> result;
  for (const TrialRow& row : study.trials) {
    if (row.state != TrialState::kComplete) continue;
    const MetricValues values = to_values(row.metrics);
    const auto found = values.find(key);
    if (found == values.end() || !std::isfinite(found->second)) continue;
    const bool better =
        result.empty() || (objective.maximize ? found->second > result.back().value
                                              : found->second < result.back().value);
    if (better) result.push_back({row.number, found->second});
  }
  return result;
}

std::optional<TrialSummary> closest_trial(const StudyData& study) {
  const TrialRow* closest = nullptr;
  for (const TrialRow& row : study.trials) {
    if (row.state == TrialState::kComplete) return std::nullopt;
    if (row.state != TrialState::kInfeasible) continue;
    if (closest == nullptr || row.violation < closest->violation) closest = &row;
  }
  if (closest == nullptr) return std::nullopt;
  return summarise(*closest);
}

}  // namespace nas
