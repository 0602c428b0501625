#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/presentation/table.h"
#include "app/session/session.h"
#include "app/study/study_data.h"

namespace nas {

/// A constraint that a trial misses.
struct MissedConstraint {
  Constraint constraint;
  double value = 0;
  double by = 0;  ///< distance to the bound, in the metric's unit
};
struct NearestTrial {
  TrialSummary trial;
  std::vector<MissedConstraint> missed;  ///< by relative excess, the worst first
};
/// Infeasible trials by their violation; at most `limit` (0: all). Equal architectures once.
std::vector<NearestTrial> nearest_trials(const StudyData& study, std::int64_t limit);
/// Why a study has no leaderboard: the nearest trial and what it misses, how trials failed, or that
/// there are none.
std::string without_complete_trial(const StudyData& study);

// The same as tables for `render`. Programs get the network of each trial (`network`, of sizes and
// latency; `trained_network`, of what was learned), people read it in the heading.
Table studies_table(const std::vector<StudyRow>& rows);
Table summary_table(const StudyData& study);  ///< the study in one object
Table leaderboard_table(const StudyData& study, std::string_view objective, std::int64_t limit);
Table pareto_table(const StudyData& study);
Table nearest_table(const StudyData& study, std::int64_t limit);
/// `trials` in their order with rank, number, metrics and architecture.
Table ranking_table(const StudyData& study, std::string_view kind,
                    const std::vector<TrialSummary>& trials);
Table trials_table(const StudyData& study);  ///< every trial with state and reason

// Stand-alone SVG.
std::string pareto_svg(
    const StudyData& study);  ///< first two objectives (or params) with constraint lines
std::string best_so_far_svg(const std::vector<StudyData>& studies);
/// Of two or three objectives: the part of the box from the worst to the best value of each that
/// the trials so far dominate. nullopt for another number.
std::optional<std::string> hypervolume_svg(const StudyData& study);
std::string curve_svg(const std::vector<CurvePoint>& curve, std::string_view title);

/// Writes report.md with its SVG files and trials.csv into `directory`. Returns the files written.
std::vector<std::filesystem::path> study_report(Session& session, std::string_view name,
                                                const std::filesystem::path& directory);

}  // namespace nas
