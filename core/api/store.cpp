#include "core/api/store.h"

namespace nas {

std::string to_string(StudyState state) {
  switch (state) {
    case StudyState::kCreated:
      return "created";
    case StudyState::kRunning:
      return "running";
    case StudyState::kPaused:
      return "paused";
    case StudyState::kFinished:
      return "finished";
    case StudyState::kInfeasible:
      return "infeasible";
  }
  NAS_CHECK(false, "a study state without a name");
  return {};
}

std::string to_string(TrialState state) {
  switch (state) {
    case TrialState::kRunning:
      return "running";
    case TrialState::kComplete:
      return "complete";
    case TrialState::kInfeasible:
      return "infeasible";
    case TrialState::kFailed:
      return "failed";
  }
  NAS_CHECK(false, "a trial state without a name");
  return {};
}

}  // namespace nas
