#pragma once

#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "app/study/study_engine.h"
#include "app/study/study_leases.h"
#include "app/study/study_trial.h"
#include "app/study/trial_checkpoints.h"
#include "core/api/trial_queue.h"

namespace nas {

/// What the workers of one study in this process share; everything outlives them.
struct QueueWork {
  const StudyRow& study;
  const StudyConfig& config;  ///< resolved
  const StudyPlan& plan;
  const ReuseSource& earlier;
  const TrialCheckpoints& checkpoints;
  Leases& leases;
  std::shared_mutex& quiet;
  ProgressSink& progress;
  double lease_seconds = kLeaseSeconds;
  std::int64_t batch = 1;              ///< trials that are taken at once
  std::vector<std::string> devices{};  ///< `worker_devices`
};

/// What a worker has done.
struct WorkDone {
  std::int64_t finished = 0;
  std::int64_t refused = 0;  ///< results that came too late
  double seconds = 0;
  /// What it has taken since, together with storing the last results: it is its own to work on.
  std::vector<TakenTrial> next{};
};

/// One thread that takes trials of a study from the queue, evaluates and stores them.
class QueueWorker {
 public:
  /// `name`: "host:pid:thread". `store`: of this thread alone.
  QueueWorker(const QueueWork& work, Store& store, std::string name);

  /// At most `limit` trials, and at most `batch`. Throws Error of the store.
  std::vector<TakenTrial> take(std::int64_t limit);
  /// Stores what becomes of the trials, and takes up to `limit()` further ones with the last of it.
  /// What a stop interrupts is released, and its training continues elsewhere where it was stopped;
  /// nothing is taken then. Throws Error of the store, for which results are worth waiting, and
  /// Error(kUnsupported) where this program builds another network of an architecture than the one
  /// that proposed it.
  WorkDone work_on(const std::vector<TakenTrial>& trials,
                   const std::function<std::int64_t()>& limit, const std::stop_token& stop);

 private:
  class Batch;
  TakeRequest request(std::int64_t limit) const;
  Candidate identify_taken(const TakenTrial& trial) const;
  /// False when the stop token ended it.
  bool evaluate(const TakenTrial& trial, Batch& batch, const std::stop_token& stop);

  const QueueWork& work_;
  Store& store_;
  std::string name_;
};

}  // namespace nas
