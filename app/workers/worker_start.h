#pragma once

#include <optional>

#include "app/workers/worker.h"

namespace nas {

/// Waits until the store can be reached and the study of `WorkerOptions::study` exists, and says
/// once what is waited for. Returns why the worker ends instead, if it does.
std::optional<WorkerEnd> wait_for_work(Session& session, const WorkerOptions& options);

}  // namespace nas
