#include "core/api/worker_registry.h"

namespace nas {

std::string to_string(WorkerState state) {
  switch (state) {
    case WorkerState::kIdle:
      return "idle";
    case WorkerState::kBusy:
      return "busy";
    case WorkerState::kBlocked:
      return "blocked";
    case WorkerState::kGone:
      return "gone";
  }
  NAS_CHECK(false, "a worker state without a name");
  return {};
}

}  // namespace nas
