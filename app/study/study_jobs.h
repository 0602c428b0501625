#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>

#include "app/study/study_trial.h"
#include "core/api/store.h"

namespace nas {

inline constexpr double kLeaseSeconds = 60;

/// A proposal that the store has no result of.
struct Job {
  std::int64_t number = 0;
  Architecture architecture;
  std::int64_t epochs = 0;
  std::string reason;
  double ask_seconds = 0;
};

/// Another process took trials of the study over: nothing of it may be written any more.
class StudyLost : public Error {
 public:
  using Error::Error;
};

/// The proposals of a study that runs, as those see them who have them evaluated. Safe from several
/// threads.
class StudyJobs {
 public:
  virtual ~StudyJobs() = default;
  /// Waits until all tells are there that the next proposal must know of. nullopt: there are no
  /// more.
  virtual std::optional<Job> next() = 0;
  /// As `next`, but nullopt as well where it would have to wait.
  virtual std::optional<Job> next_at_once() = 0;
  virtual void settle(std::int64_t number, const Digest& digest, TrialResult&& result) = 0;
  /// What trial `number` may take from earlier trials of the study, or from other studies.
  virtual std::optional<Reusable> find_reusable(std::int64_t number, const Candidate& candidate,
                                                const Evaluator::Info& evaluator) = 0;
  /// Ends the study; the first failure is what the engine throws.
  virtual void fail(std::exception_ptr error) = 0;
  /// Ends evaluations: the user's request or a failure.
  virtual std::stop_token stop() const = 0;
};

/// Where the trials of a study are evaluated.
class TrialPlace {
 public:
  virtual ~TrialPlace() = default;
  /// Evaluates and settles jobs until none is left.
  virtual void work(StudyJobs& jobs) = 0;
  /// Held exclusively while something is timed; a searcher that thinks would disturb it.
  std::shared_mutex& quiet() { return quiet_; }

 private:
  std::shared_mutex quiet_;
};

/// Runs `work(thread)` on `count` threads and waits for them; the jobs get what one throws.
void run_threads(std::int64_t count, StudyJobs& jobs,
                 const std::function<void(std::int64_t)>& work);

/// What a finished row says became of its trial.
TrialResult result_of(TrialRow&& row);

/// Throws Error(kData) when a stored trial of `study` is not the architecture `text` that is
/// proposed under its number.
void require_proposed(const std::string& study, const TrialRow& row, const std::string& text);

}  // namespace nas
