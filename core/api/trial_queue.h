#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/store.h"
#include "core/api/study_leads.h"
#include "core/util/error.h"

namespace nas {

/// A proposal that waits for a worker.
struct QueuedTrial {
  std::int64_t number = 0;
  std::string text{};  ///< of the architecture, in the field's own notation
  Digest digest{};
  std::int64_t published_params = 0;  ///< of the space's published network
  std::int64_t published_macs = 0;
  std::int64_t epochs = 0;  ///< as proposed
  std::string reason{};
  double ask_seconds = 0;
};

/// What the trials that are put into the queue together have in common.
struct QueuedStudy {
  std::string space;
  std::string network;  ///< that sizes and latency of the trials are judged of: its text
  std::string searcher;
};

struct TakeRequest {
  std::int64_t study_id = 0;
  std::string worker;  ///< "host:pid:thread"
  double lease_seconds = 60;
  std::int64_t limit = 1;              ///< trials at most
  std::vector<std::string> devices{};  ///< that the worker has, by name
};

struct TakenTrial {
  ClaimedTrial claim{};
  std::int64_t number = 0;
  std::string text{};
  Digest digest{};
  std::int64_t epochs = 0;
  bool again = false;  ///< another worker had it before, and may have left a checkpoint
};

/// What became of results, and what is to be evaluated next.
struct TrialTurn {
  std::vector<bool> stored{};  ///< as `TrialQueue::finish_all`
  std::vector<TakenTrial> taken{};
};

/// A study with trials in the queue.
struct Backlog {
  std::int64_t study_id = 0;
  std::string study;
  std::int64_t waiting = 0;  ///< that `take` would hand out
  std::int64_t taken = 0;    ///< with a lease
  std::vector<std::string> needs;
};

/// A store that hands the trials of a study to workers: the trial waits in the queue until it is
/// taken, has a lease while it is evaluated (`TrialStore::renew`), and leaves the queue when it is
/// finished. All times are of the database's clock. Every method is one transaction.
///
/// When the database's machine crashes, the last moments may be lost: such a trial waits again, or
/// is running with the lease that it had, and is evaluated once more. What is lost is a tail of
/// what happened: nothing that depends on it is kept. On a server only what `take`, `finish_all`
/// and `finish_and_take` did can be lost, and no result that took longer than `kCheapSeconds`; in a
/// file it can be anything, since SQLite flushes its log rarely (`synchronous = NORMAL`).
class TrialQueue {
 public:
  /// Of a result: computing it again costs less than waiting for the disk after each of its kind.
  static constexpr double kCheapSeconds = 1;

  virtual ~TrialQueue() = default;
  /// Numbers that wait already, or are finished, are left alone. False, and nothing is added, when
  /// the lead is lost.
  virtual bool enqueue(const Lead& lead, const QueuedStudy& study,
                       std::span<const QueuedTrial> trials) = 0;
  /// Takes trials out of the queue that nobody has; those that are running stay. Returns how many.
  virtual std::int64_t withdraw(const Lead& lead) = 0;
  /// The lowest numbers first among those that nobody has or whose lease has passed; the latter
  /// get a new token (kept in the event log). Empty for a worker without what the study needs, and
  /// where the study's leader has left: it is paused. A leader whose lease has passed is replaced
  /// sooner or later, so its trials are handed out.
  virtual std::vector<TakenTrial> take(const TakeRequest& request) = 0;
  /// `TrialStore::finish` of each: whether it was stored. All or, after an exception, none.
  virtual std::vector<bool> finish_all(std::span<const TrialFinish> finishes) = 0;
  /// Both in one transaction: what a worker does between two trials.
  virtual TrialTurn finish_and_take(std::span<const TrialFinish> finishes,
                                    const TakeRequest& request) = 0;
  /// Others may take the trials at once, `why` goes to the event log. Those that the caller has
  /// lost are left alone. Returns how many.
  virtual std::int64_t release(std::span<const ClaimedTrial> claims, std::string_view why) = 0;
  virtual std::vector<Backlog> backlog() const = 0;  ///< by study

  /// Those of `numbers` (ascending) that are finished, by number. On a server that may be written
  /// they are on disk when this returns.
  virtual std::vector<TrialRow> finished(std::int64_t study_id,
                                         std::span<const std::int64_t> numbers) const = 0;
  /// Finished trials with values of an equal digest up to `last_number`, by number.
  virtual std::vector<TrialRow> finished_equals(std::int64_t study_id, const Digest& digest,
                                                std::int64_t last_number) const = 0;
};

/// The same store. Throws Error(kUnsupported) for one without a queue.
inline TrialQueue& trial_queue(Store& store) {
  if (auto* queue = dynamic_cast<TrialQueue*>(&store)) return *queue;
  throw Error(ErrorKind::kUnsupported, "this store has no queue of trials");
}
inline const TrialQueue& trial_queue(const Store& store) {
  return trial_queue(const_cast<Store&>(store));
}

}  // namespace nas
