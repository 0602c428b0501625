#include <algorithm>
#include <cmath>
#include <set>

#include "app/reports/report.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// "268722", "0.55": without an exponent where that is readable.
std::string amount(double value) {
  return format_short(value, 6);
}

std::vector<MissedConstraint> missed_by(const StudyData& study, const MetricValues& values) {
  std::vector<MissedConstraint> missed;
  for (const Constraint& constraint : study.constraints) {
    const auto found = values.find(constraint.metric);
    if (found == values.end() || constraint.holds(found->second)) continue;
    missed.push_back({constraint, found->second, std::abs(found->second - constraint.bound)});
  }
  std::stable_sort(missed.begin(), missed.end(), [](const auto& a, const auto& b) {
    return a.constraint.excess(a.value) > b.constraint.excess(b.value);
  });
  return missed;
}

std::string misses_text(const NearestTrial& nearest) {
  std::vector<std::string> parts;
  for (const MissedConstraint& missed : nearest.missed) {
    parts.push_back(to_string(missed.constraint) + " by " + amount(missed.by));
  }
  return parts.empty() ? nearest.trial.error : join(parts, "; ");
}

}  // namespace

std::vector<NearestTrial> nearest_trials(const StudyData& study, std::int64_t limit) {
  std::vector<TrialSummary> infeasible = summaries(study);
  std::erase_if(infeasible,
                [](const TrialSummary& trial) { return trial.state != TrialState::kInfeasible; });
  std::stable_sort(
      infeasible.begin(), infeasible.end(),
      [](const TrialSummary& a, const TrialSummary& b) { return a.violation < b.violation; });
  std::vector<NearestTrial> nearest;
  std::set<std::string> seen;
  for (TrialSummary& trial : infeasible) {
    if (limit > 0 && static_cast<std::int64_t>(nearest.size()) >= limit) break;
    if (!seen.insert(trial.architecture).second) continue;
    std::vector<MissedConstraint> missed = missed_by(study, trial.values);
    nearest.push_back({std::move(trial), std::move(missed)});
  }
  return nearest;
}

Table nearest_table(const StudyData& study, std::int64_t limit) {
  const std::vector<NearestTrial> nearest = nearest_trials(study, limit);
  std::vector<TrialSummary> trials;
  for (const NearestTrial& one : nearest) trials.push_back(one.trial);
  Table table = ranking_table(study, "nearest", trials);
  const auto place = table.columns.end() - 1;  // before the architecture
  // What is missed and by which architecture stays where the width is short.
  for (auto column = table.columns.begin() + 2; column != place; ++column) column->spare = true;
  table.columns.insert(place, {{.name = "violation", .spare = true},
                               {.name = "missed_by", .spare = true},
                               {.name = "misses", .shrink = true, .wrap = true}});
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    std::vector<Cell>& row = table.rows[i];
    const auto& missed = nearest[i].missed;
    const Cell by = missed.empty() ? Cell{} : Cell{missed.front().by};
    row.insert(row.end() - 1,
               {Cell{nearest[i].trial.violation}, by, Cell{misses_text(nearest[i])}});
  }
  if (nearest.empty()) return table;
  table.caption =
      "no trial meets every constraint; these are the nearest, by the sum of relative excesses" +
      (table.caption.empty() ? "" : "; " + table.caption);
  return table;
}

std::string without_complete_trial(const StudyData& study) {
  const std::vector<NearestTrial> nearest = nearest_trials(study, 1);
  if (!nearest.empty()) {
    std::vector<std::string> constraints;
    for (const Constraint& constraint : study.constraints) {
      constraints.push_back(to_string(constraint));
    }
    return "no architecture meets " + join(constraints, ", ") + "; the nearest is trial " +
           std::to_string(nearest[0].trial.number) + ", which misses " + misses_text(nearest[0]) +
           ": " + nearest[0].trial.architecture;
  }
  std::string last;
  std::int64_t failed = 0;
  for (const TrialRow& trial : study.trials) {
    if (trial.state != TrialState::kFailed) continue;
    ++failed;
    last = trial.error;
  }
  if (failed > 0) {
    return "no trial could be completed: " + std::to_string(failed) +
           " failed, the last one with: " + last;
  }
  return "study '" + study.row.spec.name + "' has no finished trial yet";
}

}  // namespace nas
