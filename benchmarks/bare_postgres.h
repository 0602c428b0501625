#pragma once

#include <cstdint>
#include <string>

#include "benchmarks/bare_store.h"

namespace nas::benchmark {

// What the store costs beyond these is our own doing: the same calls with the same rows by libpq
// alone, without error handling or abstraction.

/// Claims and completes trials with three metrics each, in two transactions a trial.
void run_bare_postgres_trials(const std::string& uri, const Share& share);

/// Which trials of a queue a worker takes, and how.
struct QueueShare {
  std::int64_t study_id = 0;
  std::int64_t batch = 1;  ///< trials of one transaction
  bool relaxed = true;     ///< results are cheap: no transaction waits for the disk
};

/// Takes trials and completes them with three metrics each until none is left; results and what is
/// taken next are one transaction in one round trip.
void run_bare_postgres_queue(const std::string& uri, const QueueShare& share);

}  // namespace nas::benchmark
