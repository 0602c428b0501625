#include "app/study/study_engine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "app/study/local_threads.h"
#include "app/study/study_jobs.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;

/// When this many trials, the first ones of this run, have all failed, something is wrong with the
/// setup.
constexpr std::int64_t kHopelessFailures = 8;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Outcome to_outcome(TrialState state) {
  if (state == TrialState::kComplete) return Outcome::kComplete;
  return state == TrialState::kInfeasible ? Outcome::kInfeasible : Outcome::kFailed;
}

/// A proposal and, once it is settled, what became of it.
struct Entry {
  Architecture architecture;
  std::int64_t epochs = 0;  ///< as proposed
  Digest digest;
  bool settled = false;
  bool replayed = false;
  Outcome outcome = Outcome::kFailed;
  std::vector<MetricValue> metrics;
  std::vector<double> merits;
  double violation = 0;
  std::string error;
};

class Engine final : public StudyJobs {
 public:
  Engine(const EngineSetup& setup, TrialPlace& place);
  EngineResult run();

  std::optional<Job> next() override;
  std::optional<Job> next_at_once() override;
  void settle(std::int64_t number, const Digest& digest, TrialResult&& result) override;
  std::optional<Reusable> find_reusable(std::int64_t number, const Candidate& candidate,
                                        const Evaluator::Info& evaluator) override;
  void fail(std::exception_ptr error) override;
  std::stop_token stop() const override { return stop_.get_token(); }

 private:
  std::optional<Job> ask();
  bool may_ask() const;
  bool budget_left();
  void tell_up_to(std::int64_t number);
  void end(StopReason reason, const std::string& text);
  bool replay(std::int64_t number, const Proposal& proposal);
  void note_settled(std::int64_t number, const Digest& digest, TrialResult&& result);
  void show_progress();

  const EngineSetup& setup_;
  const std::int64_t workers_;
  const Clock::time_point start_ = Clock::now();
  TrialPlace& place_;
  std::stop_source stop_;

  std::mutex mutex_;  ///< guards everything below
  std::condition_variable changed_;
  std::map<std::int64_t, TrialRow> stored_;  ///< finished or running rows found at the start
  double earlier_seconds_ = 0;
  std::deque<Entry> entries_;                              ///< by number
  std::map<Digest, std::vector<std::int64_t>> by_digest_;  ///< settled, ascending by insertion
  std::int64_t told_ = 0;                                  ///< numbers below are told
  std::int64_t fresh_told_ = 0;                            ///< of these, evaluated in this run
  std::int64_t fresh_failed_ = 0;
  std::int64_t settled_ = 0;
  std::optional<double> best_;
  bool ended_ = false;
  EngineResult result_;
  std::exception_ptr error_;
};

Engine::Engine(const EngineSetup& setup, TrialPlace& place)
    : setup_(setup), workers_(setup.config.workers), place_(place) {
  for (TrialRow& row : setup.store.trials(setup.study.id)) {
    earlier_seconds_ += row.seconds / static_cast<double>(workers_);
    const std::int64_t number = row.number;
    stored_.emplace(number, std::move(row));
  }
}

EngineResult Engine::run() {
  StudyScores* scores = setup_.plan.scores.get();
  SearchSetup search = searcher_setup(setup_.plan.space, setup_.config, scores);
  search.violation = quick_violation(setup_.plan);
  setup_.searcher.start(search);
  if (scores != nullptr) scores->search_begins();
  setup_.progress.begin("search " + setup_.config.name, setup_.config.budget_trials);
  {
    const std::stop_callback forward(setup_.stop, [this] {
      stop_.request_stop();
      changed_.notify_all();
    });
    place_.work(*this);
  }
  setup_.progress.end();
  if (error_) std::rethrow_exception(error_);
  result_.seconds = seconds_since(start_);
  return result_;
}

void Engine::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  ended_ = true;
  stop_.request_stop();
  changed_.notify_all();
}

/// All tells that proposal `next` must know of are there.
bool Engine::may_ask() const {
  const auto next = static_cast<std::int64_t>(entries_.size());
  for (std::int64_t number = told_; number <= next - workers_; ++number) {
    if (!entries_[static_cast<std::size_t>(number)].settled) return false;
  }
  return true;
}

std::optional<Job> Engine::next() {
  std::unique_lock lock(mutex_);
  while (true) {
    // The stop token wakes sleepers without the mutex, so a wake-up may be missed: look again now
    // and then.
    while (!ended_ && !stop_.stop_requested() && !may_ask()) {
      changed_.wait_for(lock, std::chrono::milliseconds(200));
    }
    if (!ended_ && stop_.stop_requested()) end(StopReason::kRequested, "stopped on request");
    if (ended_) return std::nullopt;
    std::optional<Job> job = ask();
    if (job || ended_) return job;
  }
}

std::optional<Job> Engine::next_at_once() {
  const std::lock_guard lock(mutex_);
  while (!ended_ && !stop_.stop_requested() && may_ask()) {
    if (std::optional<Job> job = ask()) return job;
  }
  return std::nullopt;
}

/// Requires the mutex and `may_ask`. nullopt: the study has ended, or the store knows what became
/// of the proposal.
std::optional<Job> Engine::ask() {
  const auto number = static_cast<std::int64_t>(entries_.size());
  tell_up_to(number - workers_);
  if (!budget_left()) return std::nullopt;
  // Thinking would disturb a measurement as much as training does.
  const std::shared_lock quiet(place_.quiet());
  const Clock::time_point asked = Clock::now();
  std::optional<Proposal> proposal = setup_.searcher.ask(number);
  if (!proposal) {
    end(StopReason::kExhausted, "the searcher has nothing more to propose");
    return std::nullopt;
  }
  validate(setup_.plan.space, proposal->architecture);
  Entry& entry = entries_.emplace_back();
  entry.architecture = proposal->architecture;
  entry.epochs = proposal->epochs;
  changed_.notify_all();
  if (replay(number, *proposal)) return std::nullopt;
  return Job{number, proposal->architecture, proposal->epochs, proposal->reason,
             seconds_since(asked)};
}

bool Engine::budget_left() {
  const StudyConfig& config = setup_.config;
  if (ended_) return false;
  if (static_cast<std::int64_t>(entries_.size()) >= config.budget_trials) {
    end(StopReason::kTrials, "all " + std::to_string(config.budget_trials) + " trials are done");
  } else if (config.budget_seconds > 0 &&
             !stored_.contains(static_cast<std::int64_t>(entries_.size())) &&
             earlier_seconds_ + seconds_since(start_) >= config.budget_seconds) {
    end(StopReason::kSeconds,
        "the budget of " + format_seconds(config.budget_seconds) + " is spent");
  } else if (fresh_failed_ >= kHopelessFailures && fresh_failed_ == fresh_told_) {
    end(StopReason::kFailures, "the first " + std::to_string(fresh_failed_) +
                                   " trials all failed, the last with: " +
                                   entries_[static_cast<std::size_t>(told_ - 1)].error);
  }
  return !ended_;
}

void Engine::end(StopReason reason, const std::string& text) {
  ended_ = true;
  result_.reason = reason;
  result_.text = text;
  changed_.notify_all();
}

void Engine::tell_up_to(std::int64_t number) {
  for (; told_ <= number; ++told_) {
    const Entry& entry = entries_[static_cast<std::size_t>(told_)];
    setup_.searcher.tell(
        {told_, entry.architecture, entry.outcome, entry.merits, entry.violation, entry.epochs});
    if (entry.replayed) continue;
    ++fresh_told_;
    if (entry.outcome == Outcome::kFailed) ++fresh_failed_;
  }
}

/// Takes a finished trial from the store. False when the proposal is new or was left unfinished.
bool Engine::replay(std::int64_t number, const Proposal& proposal) {
  const auto found = stored_.find(number);
  if (found == stored_.end()) return false;
  TrialRow& row = found->second;
  const std::string text = setup_.plan.space.format(proposal.architecture);
  require_proposed(setup_.config.name, row, text);
  if (row.state == TrialState::kRunning) return false;
  if (const auto other = other_training(setup_.plan, row, proposal.epochs)) {
    throw Error(ErrorKind::kData,
                "study '" + setup_.config.name + "' cannot be continued: " + *other);
  }
  entries_.back().replayed = true;
  ++result_.replayed;
  const Digest digest = row.digest;
  note_settled(number, digest, result_of(std::move(row)));
  return true;
}

void Engine::settle(std::int64_t number, const Digest& digest, TrialResult&& result) {
  const std::lock_guard lock(mutex_);
  note_settled(number, digest, std::move(result));
}

/// Requires the mutex.
void Engine::note_settled(std::int64_t number, const Digest& digest, TrialResult&& result) {
  Entry& entry = entries_[static_cast<std::size_t>(number)];
  entry.digest = digest;
  entry.outcome = result.outcome;
  entry.metrics = std::move(result.metrics);
  entry.error = std::move(result.error);
  entry.violation = result.violation;
  if (entry.outcome == Outcome::kComplete) {
    const auto values = merits(setup_.plan.objectives, to_values(entry.metrics));
    NAS_CHECK(values.has_value(), "a complete trial without all objectives");
    entry.merits = *values;
    best_ = std::max(best_.value_or(entry.merits[0]), entry.merits[0]);
  }
  entry.settled = true;
  by_digest_[digest].push_back(number);
  ++settled_;
  show_progress();
  changed_.notify_all();
}

void Engine::show_progress() {
  std::string note = "nothing feasible yet";
  if (best_) {
    const Objective& objective = setup_.plan.objectives[0];
    const MetricKey key = parse_metric(objective.metric);
    const std::string_view unit = metric_info(key.name).unit;
    note = "best " + key.text() + " " + format_short(objective.maximize ? *best_ : -*best_, 5);
    if (!unit.empty()) note += " " + std::string(unit);
  }
  setup_.progress.update(settled_, note);
}

std::optional<Reusable> Engine::find_reusable(std::int64_t number, const Candidate& candidate,
                                              const Evaluator::Info& evaluator) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_digest_.find(candidate.digest);
    std::vector<std::int64_t> numbers;
    if (found != by_digest_.end()) numbers = found->second;
    std::sort(numbers.begin(), numbers.end());
    for (const std::int64_t earlier : numbers) {
      // What is settled beyond this depends on timing.
      if (earlier > number - workers_) break;
      auto metrics = metrics_of(entries_[static_cast<std::size_t>(earlier)].metrics, evaluator);
      if (metrics) {
        return Reusable{*std::move(metrics),
                        "trial " + std::to_string(earlier) + " (equal digest)"};
      }
    }
  }
  return setup_.earlier.find(candidate, evaluator);
}

}  // namespace

EngineResult run_engine(const EngineSetup& setup) {
  LocalThreads threads(setup);
  return run_engine(setup, threads);
}

EngineResult run_engine(const EngineSetup& setup, TrialPlace& place) {
  return Engine(setup, place).run();
}

void run_threads(std::int64_t count, StudyJobs& jobs,
                 const std::function<void(std::int64_t)>& work) {
  std::vector<std::thread> threads;
  for (std::int64_t thread = 0; thread < count; ++thread) {
    threads.emplace_back([&jobs, &work, thread] {
      try {
        work(thread);
      } catch (...) {
        jobs.fail(std::current_exception());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void require_proposed(const std::string& study, const TrialRow& row, const std::string& text) {
  if (text == row.text) return;
  throw Error(ErrorKind::kData, "study '" + study + "' cannot be continued: trial " +
                                    std::to_string(row.number) + " is stored as '" + row.text +
                                    "', but this version of the searcher proposes '" + text +
                                    "'; start a study of another name");
}

TrialResult result_of(TrialRow&& row) {
  TrialResult result;
  result.outcome = to_outcome(row.state);
  result.metrics = std::move(row.metrics);
  result.error = std::move(row.error);
  result.violation = row.violation;
  return result;
}

}  // namespace nas
