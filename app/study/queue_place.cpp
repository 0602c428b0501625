#include "app/study/queue_place.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "app/session/candidate.h"
#include "app/study/store_patience.h"
#include "app/study/study_owner.h"
#include "core/api/worker_registry.h"
#include "core/runtime/model.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kMostAtOnce = 256;  // proposals of one transaction

/// Short while there is something to do, longer and longer while there is nothing.
class Pause {
 public:
  void found(bool something) { length_ = something ? kShortest : std::min(length_ * 2, kLongest); }
  void sleep() const { std::this_thread::sleep_for(length_); }

 private:
  static constexpr std::chrono::milliseconds kShortest = 1ms;
  static constexpr std::chrono::milliseconds kLongest = 128ms;
  std::chrono::milliseconds length_ = kShortest;
};

}  // namespace

QueuePlace::QueuePlace(const EngineSetup& setup, const StudyLead& lead,
                       const TrialCheckpoints& checkpoints, std::vector<std::string> devices,
                       const QueueChoice& choice)
    : setup_(setup),
      lead_(lead),
      checkpoints_(checkpoints),
      devices_(std::move(devices)),
      choice_(choice),
      leases_(setup.store.connect(), choice.lease_seconds) {}

void QueuePlace::work(StudyJobs& jobs) {
  constexpr std::int64_t kOwn = 2;
  run_threads(kOwn + choice_.local_workers, jobs, [&](std::int64_t thread) {
    if (thread == 0) return propose(jobs);
    if (thread >= kOwn) return evaluate(jobs, thread - kOwn);
    try {
      watch(jobs);
    } catch (...) {
      over_ = true;
      throw;
    }
    over_ = true;
  });
}

void QueuePlace::require_lead() const {
  if (!lead_.lost()) return;
  throw StudyLost(ErrorKind::kUsage, "another process has taken study '" + setup_.config.name +
                                         "' over; its results continue there");
}

void QueuePlace::propose(StudyJobs& jobs) {
  const std::unique_ptr<Store> store = setup_.store.connect();
  const QueuedStudy common{setup_.study.spec.space, setup_.plan.network,
                           setup_.study.spec.searcher};
  const auto queued = [&](const Job& job) {
    const Candidate candidate = identify(setup_.plan.space, job.architecture);
    return QueuedTrial{.number = job.number,
                       .text = candidate.text,
                       .digest = candidate.digest,
                       .published_params = candidate.published_params,
                       .published_macs = candidate.published_macs,
                       .epochs = job.epochs,
                       .reason = job.reason,
                       .ask_seconds = job.ask_seconds};
  };
  while (std::optional<Job> job = jobs.next()) {
    std::vector<QueuedTrial> trials;
    for (; job; job = trials.size() < kMostAtOnce ? jobs.next_at_once() : std::nullopt) {
      trials.push_back(queued(*job));
    }
    // Done twice, it leaves alone what is there.
    const bool leading = patiently(jobs.stop(), setup_.progress, [&] {
      return trial_queue(*store).enqueue(lead_.lead(), common, trials);
    });
    if (!leading) {
      throw StudyLost(ErrorKind::kUsage, "another process has taken study '" + setup_.config.name +
                                             "' over; its results continue there");
    }
    const std::lock_guard lock(mutex_);
    for (QueuedTrial& trial : trials) open_.emplace(trial.number, std::move(trial.text));
  }
  const std::lock_guard lock(mutex_);
  all_proposed_ = true;
}

void QueuePlace::watch(StudyJobs& jobs) {
  const std::unique_ptr<Store> store = setup_.store.connect();
  Pause pause;
  Clock::time_point looked = Clock::now() - 1h;
  while (!jobs.stop().stop_requested()) {
    require_lead();
    constexpr auto kBetweenLooks = 1s;
    if (Clock::now() - looked > kBetweenLooks) {
      patiently(jobs.stop(), setup_.progress, [&] { look_at_workers(*store); });
      looked = Clock::now();
    }
    const std::size_t settled =
        patiently(jobs.stop(), setup_.progress, [&] { return settle_finished(jobs, *store); });
    {
      const std::lock_guard lock(mutex_);
      if (all_proposed_ && open_.empty()) break;
    }
    pause.found(settled > 0);
    pause.sleep();
  }
  // When it is paused, workers finish what they have; what waits is not handed out without a
  // leader.
  checkpoints_.remove_finished(*store);
}

std::size_t QueuePlace::settle_finished(StudyJobs& jobs, Store& store) {
  std::vector<std::int64_t> numbers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, text] : open_) numbers.push_back(number);
  }
  std::vector<TrialRow> rows = trial_queue(store).finished(setup_.study.id, numbers);
  for (TrialRow& row : rows) {
    {
      const std::lock_guard lock(mutex_);
      const auto proposed = open_.find(row.number);
      require_proposed(setup_.config.name, row, proposed->second);
      open_.erase(proposed);
    }
    const std::int64_t number = row.number;
    const Digest digest = row.digest;
    jobs.settle(number, digest, result_of(std::move(row)));
  }
  return rows.size();
}

/// Workers of this machine whose processes are gone need not be waited for.
void QueuePlace::look_at_workers(Store& store) {
  bool somebody = false;
  for (const RunningTrial& trial : worker_registry(store).running()) {
    if (trial.study != setup_.config.name || trial.seconds_left <= 0) continue;
    somebody = true;
    if (is_gone(trial.worker)) store.reclaim(setup_.study.id, trial.worker);
  }
  {
    const std::lock_guard lock(mutex_);
    somebody = somebody || open_.empty();  // nothing waits
  }
  constexpr int kLooks = 10;
  alone_ = somebody || choice_.local_workers > 0 || choice_.workers_come ? 0 : alone_ + 1;
  if (alone_ != kLooks) return;
  setup_.progress.message(
      "nobody takes the trials that wait; start workers with nasctl worker "
      "--study '" +
      setup_.config.name + "'");
}

void QueuePlace::evaluate(StudyJobs& jobs, std::int64_t thread) {
  set_intra_op_threads(1);
  const std::unique_ptr<Store> store = setup_.store.connect();
  const QueueWork work{.study = setup_.study,
                       .config = setup_.config,
                       .plan = setup_.plan,
                       .earlier = setup_.earlier,
                       .checkpoints = checkpoints_,
                       .leases = leases_,
                       .quiet = quiet(),
                       .progress = setup_.progress,
                       .lease_seconds = choice_.lease_seconds,
                       .devices = devices_};
  QueueWorker worker(work, *store, process_name() + ":" + std::to_string(thread));
  Pause pause;
  const auto one = [this] { return std::int64_t{over_ ? 0 : 1}; };
  std::vector<TakenTrial> trials;
  while (!trials.empty() || (!over_ && !jobs.stop().stop_requested())) {
    if (trials.empty()) {
      trials = patiently(jobs.stop(), setup_.progress, [&] { return worker.take(1); });
    }
    const bool something = !trials.empty();
    if (something) trials = worker.work_on(trials, one, jobs.stop()).next;
    pause.found(something);
    if (!something) pause.sleep();
  }
}

}  // namespace nas
