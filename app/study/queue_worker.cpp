#include "app/study/queue_worker.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "app/session/candidate.h"
#include "app/study/store_patience.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Earlier trials of the study that a trial may know of, as the store has them, then the other
/// studies: what the engine finds for a thread of its own.
class StoredReuse final : public ReuseSource {
 public:
  StoredReuse(const Store& store, const QueueWork& work, std::int64_t number)
      : store_(store), work_(work), last_(number - work.config.workers) {}

  std::optional<Reusable> find(const Candidate& candidate,
                               const Evaluator::Info& evaluator) const override {
    if (!equals_ && last_ >= 0) {
      equals_ = trial_queue(store_).finished_equals(work_.study.id, candidate.digest, last_);
    }
    if (equals_) {
      for (const TrialRow& row : *equals_) {
        if (auto metrics = metrics_of(row.metrics, evaluator)) {
          return Reusable{*std::move(metrics),
                          "trial " + std::to_string(row.number) + " (equal digest)"};
        }
      }
    }
    return work_.earlier.find(candidate, evaluator);
  }

 private:
  const Store& store_;
  const QueueWork& work_;
  std::int64_t last_;
  mutable std::optional<std::vector<TrialRow>> equals_;
};

}  // namespace

/// Trials that were taken together. Those that are still held when it goes are released.
class QueueWorker::Batch {
 public:
  Batch(const QueueWork& work, Store& store, const std::vector<TakenTrial>& trials,
        std::stop_token stop)
      : work_(work), store_(store), stop_(std::move(stop)) {
    for (const TakenTrial& trial : trials) {
      held_.emplace(trial.number, trial.claim);
      work_.leases.add(trial.claim);
    }
  }
  ~Batch() {
    try {
      release("the worker failed");
    } catch (const Error&) {
      // Their leases end by themselves.
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void add(std::int64_t number, TrialFinish finish, double seconds) {
    numbers_.push_back(number);
    finishes_.push_back(std::move(finish));
    done_.seconds += seconds;
    // Results are not held back for long; searchers and other workers wait for them.
    constexpr double kLongest = 0.25;
    if (seconds_since(last_stored_) > kLongest) store();
  }

  void store() {
    if (finishes_.empty()) return;
    note_stored(patiently(stop_, work_.progress,
                          [&] { return trial_queue(store_).finish_all(finishes_); }));
  }

  void store_and_take(const TakeRequest& request) {
    TrialTurn turn = patiently(stop_, work_.progress, [&] {
      return trial_queue(store_).finish_and_take(finishes_, request);
    });
    note_stored(turn.stored);
    done_.next = std::move(turn.taken);
  }

  void release(std::string_view why) {
    if (held_.empty()) return;
    std::vector<ClaimedTrial> claims;
    for (const auto& [number, claim] : held_) {
      claims.push_back(claim);
      work_.leases.remove(claim);
    }
    held_.clear();
    trial_queue(store_).release(claims, why);
  }

  WorkDone& done() { return done_; }

 private:
  void note_stored(const std::vector<bool>& stored) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      drop(numbers_[i]);
      if (stored[i]) {
        ++done_.finished;
        // That of a refused one belongs to whoever has the trial now.
        if (work_.plan.shorter) work_.checkpoints.remove(store_, numbers_[i]);
        continue;
      }
      ++done_.refused;
      work_.progress.message("trial " + std::to_string(numbers_[i]) + " of study '" +
                             work_.config.name +
                             "': its lease had passed and another worker has it; this result is "
                             "not stored");
    }
    numbers_.clear();
    finishes_.clear();
    last_stored_ = Clock::now();
  }

  void drop(std::int64_t number) {
    const auto found = held_.find(number);
    work_.leases.remove(found->second);
    held_.erase(found);
  }

  const QueueWork& work_;
  Store& store_;
  std::stop_token stop_;
  std::map<std::int64_t, ClaimedTrial> held_;
  std::vector<std::int64_t> numbers_;
  std::vector<TrialFinish> finishes_;
  Clock::time_point last_stored_ = Clock::now();
  WorkDone done_;
};

QueueWorker::QueueWorker(const QueueWork& work, Store& store, std::string name)
    : work_(work), store_(store), name_(std::move(name)) {}

TakeRequest QueueWorker::request(std::int64_t limit) const {
  return {.study_id = work_.study.id,
          .worker = name_,
          .lease_seconds = work_.lease_seconds,
          .limit = std::min(limit, work_.batch),
          .devices = work_.devices};
}

std::vector<TakenTrial> QueueWorker::take(std::int64_t limit) {
  return trial_queue(store_).take(request(limit));
}

WorkDone QueueWorker::work_on(const std::vector<TakenTrial>& trials,
                              const std::function<std::int64_t()>& limit,
                              const std::stop_token& stop) {
  Batch batch(work_, store_, trials, stop);
  for (const TakenTrial& trial : trials) {
    if (stop.stop_requested() || !evaluate(trial, batch, stop)) break;
  }
  const std::int64_t next = stop.stop_requested() ? 0 : limit();
  if (next > 0) {
    batch.store_and_take(request(next));
  } else {
    batch.store();
  }
  if (stop.stop_requested()) batch.release("the worker was stopped");
  return batch.done();
}

Candidate QueueWorker::identify_taken(const TakenTrial& trial) const {
  const std::shared_lock quiet(work_.quiet);
  Candidate candidate = identify(work_.plan.space, work_.plan.space.parse(trial.text));
  candidate.epochs = trial.epochs;
  if (candidate.text == trial.text && candidate.digest == trial.digest) return candidate;
  throw Error(ErrorKind::kUnsupported,
              "trial " + std::to_string(trial.number) + " of study '" + work_.config.name +
                  "': this program builds another network of '" + trial.text +
                  "' than the one that proposed it; run the same version on all machines");
}

bool QueueWorker::evaluate(const TakenTrial& trial, Batch& batch, const std::stop_token& stop) {
  const Clock::time_point start = Clock::now();
  const Candidate candidate = identify_taken(trial);
  std::optional<TrialCheckpoints::Keeper> keeper;
  std::optional<TrialCheckpoint> checkpoint;
  if (work_.plan.shorter) {
    keeper.emplace(work_.checkpoints, store_, trial);
    checkpoint.emplace(keeper->checkpoint());
  }
  const StoredReuse reuse(store_, work_, trial.number);
  const TrialResult result = evaluate_candidate(
      work_.plan, candidate, {reuse, work_.quiet, stop, checkpoint ? &*checkpoint : nullptr});
  if (result.stopped) {
    if (keeper) keeper->keep();
    return false;
  }
  const double seconds = seconds_since(start);
  batch.add(trial.number, to_finish(trial.claim, result, seconds), seconds);
  return true;
}

}  // namespace nas
