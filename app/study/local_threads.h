#pragma once

#include <string>

#include "app/study/study_engine.h"
#include "app/study/study_jobs.h"
#include "app/study/study_leases.h"

namespace nas {

/// Evaluates on as many threads of this process as the study has workers.
class LocalThreads final : public TrialPlace {
 public:
  explicit LocalThreads(const EngineSetup& setup);
  void work(StudyJobs& jobs) override;

 private:
  void work_on(StudyJobs& jobs, const std::string& worker);
  void process(Store& store, StudyJobs& jobs, const Job& job, const std::string& worker);
  bool record(Store& store, const TrialClaim& claim, TrialFinish& finish);

  const EngineSetup& setup_;
  Leases leases_;
};

}  // namespace nas
