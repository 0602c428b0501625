#include "app/study/local_threads.h"

#include <chrono>
#include <mutex>
#include <shared_mutex>

#include "app/study/study_owner.h"
#include "core/runtime/model.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;

/// Earlier trials of this study that a job may know of, then the other studies.
class JobReuse final : public ReuseSource {
 public:
  JobReuse(StudyJobs& jobs, std::int64_t number) : jobs_(jobs), number_(number) {}
  std::optional<Reusable> find(const Candidate& candidate,
                               const Evaluator::Info& evaluator) const override {
    return jobs_.find_reusable(number_, candidate, evaluator);
  }

 private:
  StudyJobs& jobs_;
  std::int64_t number_;
};

}  // namespace

LocalThreads::LocalThreads(const EngineSetup& setup)
    : setup_(setup), leases_(setup.store.connect(), kLeaseSeconds) {}

void LocalThreads::work(StudyJobs& jobs) {
  run_threads(setup_.config.workers, jobs, [&](std::int64_t thread) {
    work_on(jobs, process_name() + ":" + std::to_string(thread));
  });
}

void LocalThreads::work_on(StudyJobs& jobs, const std::string& worker) {
  set_intra_op_threads(1);
  const std::unique_ptr<Store> store = setup_.store.connect();
  while (const std::optional<Job> job = jobs.next()) process(*store, jobs, *job, worker);
}

void LocalThreads::process(Store& store, StudyJobs& jobs, const Job& job,
                           const std::string& worker) {
  const StudyRow& study = setup_.study;
  Candidate candidate;
  {
    const std::shared_lock quieted(quiet());
    candidate = identify(setup_.plan.space, job.architecture);
    candidate.epochs = job.epochs;
  }
  const TrialClaim claim{.study_id = study.id,
                         .number = job.number,
                         .space = study.spec.space,
                         .text = candidate.text,
                         .digest = candidate.digest,
                         .published_params = candidate.published_params,
                         .published_macs = candidate.published_macs,
                         .network = setup_.plan.network,
                         .worker = worker,
                         .lease_seconds = kLeaseSeconds,
                         .searcher = study.spec.searcher,
                         .reason = job.reason,
                         .ask_seconds = job.ask_seconds};
  const std::optional<ClaimedTrial> claimed = store.claim(claim);
  if (!claimed) {
    throw StudyLost(ErrorKind::kUsage, "trial " + std::to_string(job.number) + " of study '" +
                                           setup_.config.name +
                                           "' is held by another process; wait until it ends");
  }
  const Clock::time_point start = Clock::now();
  leases_.add(*claimed);
  const JobReuse reuse(jobs, job.number);
  TrialResult result = evaluate_candidate(setup_.plan, candidate, {reuse, quiet(), jobs.stop()});
  leases_.remove(*claimed);
  if (result.stopped) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  TrialFinish finish = to_finish(*claimed, result, seconds);
  if (!record(store, claim, finish)) {
    throw StudyLost(ErrorKind::kUsage, "another process has taken study '" + setup_.config.name +
                                           "' over; its results continue there");
  }
  jobs.settle(job.number, candidate.digest, std::move(result));
}

/// A refused finish means that the lease had passed (a process stopped for a minute). The result is
/// still right, so it is stored under a new claim unless somebody else has the trial.
bool LocalThreads::record(Store& store, const TrialClaim& claim, TrialFinish& finish) {
  if (store.finish(finish)) return true;
  setup_.progress.message("trial " + std::to_string(claim.number) +
                          ": its lease had passed; claiming it again");
  const std::optional<ClaimedTrial> again = store.claim(claim);
  if (!again) return false;
  finish.claim = *again;
  return store.finish(finish);
}

}  // namespace nas
