#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/study/constraint.h"
#include "app/study/study_config.h"
#include "core/api/store.h"

namespace nas {

/// The stored study, or Error(kUsage) with the near miss.
StudyRow find_study_or_throw(const Store& store, std::string_view name);

/// One finished trial as reports and people see it.
struct TrialSummary {
  std::int64_t number = 0;
  std::string architecture;
  TrialState state = TrialState::kComplete;
  MetricValues values;
  MetricIntervals intervals;
  double violation = 0;
  std::string error;
  std::int64_t epochs = 0;  ///< of its training; 0: nothing was trained
};

/// A study read once: what every report is made from.
struct StudyData {
  StudyRow row;
  StudyConfig config;
  std::vector<Constraint> constraints;
  std::vector<TrialRow> trials;  ///< by number
};
StudyData load_study(const Store& store, std::string_view name);

std::vector<TrialSummary> summaries(const StudyData& study);

/// Complete trials, best first by `objective` ("": the first one); at most `limit` (0: all). Equal
/// architectures once.
std::vector<TrialSummary> leaders(const StudyData& study, std::string_view objective,
                                  std::int64_t limit);
/// Non-dominated complete trials, sorted by the first objective.
std::vector<TrialSummary> pareto(const StudyData& study);
/// Best value of the first objective so far, one point for each complete trial that improved it.
struct BestSoFar {
  std::int64_t trial;
  double value;
};
std::vector<BestSoFar> best_so_far(const StudyData& study);
/// The trial with the least violation when nothing is feasible.
std::optional<TrialSummary> closest_trial(const StudyData& study);

}  // namespace nas
