#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "app/study/queue_place.h"
#include "app/study/study_config.h"
#include "app/study/study_data.h"
#include "app/study/study_edit.h"
#include "app/study/study_engine.h"

namespace nas {

struct StudyReport {
  std::string name;
  StudyState state = StudyState::kFinished;
  StopReason stop_reason = StopReason::kTrials;
  std::string reason;  ///< one line for people
  std::int64_t complete = 0, infeasible = 0, failed = 0;
  std::int64_t replayed = 0;            ///< trials taken from the store when resumed
  std::int64_t reused = 0;              ///< trials answered by an earlier equal architecture
  double seconds = 0;                   ///< of this run
  std::optional<TrialSummary> best;     ///< by the first objective, among complete trials
  std::optional<TrialSummary> closest;  ///< when nothing was feasible: least violation
  std::string brief() const;            ///< one line
};

/// Creates the study and runs it; continues it when a study of this name with the same
/// configuration exists (a finished one returns its report at once), also with a larger budget.
/// Throws Error(kUsage) when the name exists with another configuration or a larger budget.
///
/// `queue`: the trials are put into the store's queue for `nasctl worker`, here and on other
/// machines; without it this process evaluates them on threads. Rows are the same. Where a process
/// was killed the same call continues, also on another machine once its lease has passed.
///
/// Determinism: proposal n is asked for when exactly the tells of proposals <= n - workers were
/// given, in order of number; an equal architecture is reused only from those, so that every row
/// but its times depends only on the configuration (measured latency aside).
StudyReport run_study(Session& session, const StudyConfig& config,
                      const std::optional<QueueChoice>& queue = {});

/// Does its searcher rank by zero-cost scores? Requires a resolved configuration.
bool ranks_by_scores(Session& session, const StudyConfig& config);

/// Continues by replaying the stored tells, a finished study where `budget` is larger than its own:
/// then the rows equal those of a study that had this budget from the start, unless the searcher
/// plans with the budget, which a message says. Throws Error(kUsage) for an unknown name (near
/// miss), a smaller budget and while another process runs it, Error(kData) when the replayed
/// proposals differ from the stored ones.
StudyReport resume_study(Session& session, std::string_view name, const BudgetChange& budget = {},
                         const std::optional<QueueChoice>& queue = {});

/// The configuration of a stored study, with what this release adds at its defaults.
StudyConfig stored_config(Session& session, const StudyRow& row);
/// Throws Error(kData) where this program has the space of a stored study in another version.
void require_same_space(Session& session, const StudyRow& row, const StudyConfig& config);

}  // namespace nas
