#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "app/session/session.h"
#include "app/study/study_jobs.h"

namespace nas {

struct WorkerOptions {
  std::string study;  ///< the only one that is worked on; "": any of the store
  std::int64_t threads = 1;
  std::int64_t batch = 1;       ///< trials that a thread takes at once
  std::int64_t max_trials = 0;  ///< in all; 0: no limit
  double idle_seconds = 0;      ///< ends after so long without a trial; 0: never
  double lease_seconds = kLeaseSeconds;
  std::string job;  ///< of the launcher, for lists
  /// The end of the time that a cluster gives: the work is handed on, and the job wants to be put
  /// into the cluster's queue again.
  std::stop_token time_limit;
};

enum class WorkerEnd : std::uint8_t {
  kTrials,     ///< `max_trials` are done
  kIdle,       ///< nothing to do, or nothing there yet, for `idle_seconds`
  kBlocked,    ///< the same, and this machine lacks what is needed for what waits
  kStudyOver,  ///< the one study is finished
  kStopped,    ///< on request
  kTimeLimit,
};

struct WorkerReport {
  WorkerEnd end = WorkerEnd::kIdle;
  std::int64_t trials = 0;   ///< stored
  std::int64_t refused = 0;  ///< results that came after the lease had passed
  std::string lacks;         ///< with kBlocked: one line
  std::string brief() const;
};

/// Takes trials from the store's queue, evaluates and stores them. A stop hands the running ones
/// on, trainings with their state. What this machine lacks for a study (data, a device, the version
/// of a space) is said once, and the study is left to others. A store that cannot be reached is
/// tried again for minutes. A study that does not exist yet is waited for, and so is the
/// coordinator of a shared directory: launchers may start workers first. What is waited for is said
/// once.
WorkerReport run_worker(Session& session, const WorkerOptions& options);

}  // namespace nas
