#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "app/study/queue_worker.h"
#include "app/study/study_engine.h"
#include "app/study/study_jobs.h"
#include "app/study/study_lead.h"
#include "app/study/trial_checkpoints.h"

namespace nas {

/// How the coordinator of a study has its trials evaluated.
struct QueueChoice {
  std::int64_t local_workers = 0;  ///< threads of this process that take trials as well
  double lease_seconds = kLeaseSeconds;
  bool workers_come = false;  ///< somebody starts them: nobody is asked to
};

/// Puts the trials of a study into the queue of the store and waits for those who take them
/// (`nasctl worker`).
class QueuePlace final : public TrialPlace {
 public:
  /// Everything outlives it. `checkpoints`: of the study.
  QueuePlace(const EngineSetup& setup, const StudyLead& lead, const TrialCheckpoints& checkpoints,
             std::vector<std::string> devices, const QueueChoice& choice);
  void work(StudyJobs& jobs) override;

 private:
  void propose(StudyJobs& jobs);
  void watch(StudyJobs& jobs);
  void evaluate(StudyJobs& jobs, std::int64_t thread);
  std::size_t settle_finished(StudyJobs& jobs, Store& store);
  void look_at_workers(Store& store);
  void require_lead() const;

  const EngineSetup& setup_;
  const StudyLead& lead_;
  const TrialCheckpoints& checkpoints_;
  const std::vector<std::string> devices_;
  const QueueChoice choice_;
  Leases leases_;

  std::mutex mutex_;                          ///< guards what follows
  std::map<std::int64_t, std::string> open_;  ///< texts in the queue, as far as is known
  bool all_proposed_ = false;
  int alone_ = 0;  ///< looks at which nobody had a trial
  std::atomic<bool> over_ = false;
};

}  // namespace nas
