#include "app/study/study_engine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "app/study/study_leases.h"
#include "app/study/study_owner.h"
#include "core/runtime/model.h"
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

/// Work for a worker.
struct Job {
  std::int64_t number = 0;
  Architecture architecture;
  std::int64_t epochs = 0;
  std::string reason;
  double ask_seconds = 0;
};

class Engine {
 public:
  explicit Engine(const EngineSetup& setup);
  EngineResult run();

 private:
  /// Earlier trials of this study that proposal `number` may know of, then the other studies.
  class Reuse final : public ReuseSource {
   public:
    Reuse(Engine& engine, std::int64_t number) : engine_(engine), number_(number) {}
    std::optional<Reusable> find(const Candidate& candidate,
                                 const Evaluator::Info& evaluator) const override {
      return engine_.find_reusable(number_, candidate, evaluator);
    }

   private:
    Engine& engine_;
    std::int64_t number_;
  };

  void work(std::int64_t worker);
  std::optional<Job> next_job(std::unique_lock<std::mutex>& lock);
  bool may_ask() const;
  bool budget_left();
  void tell_up_to(std::int64_t number);
  void end(StopReason reason, const std::string& text);
  bool replay(std::int64_t number, const Proposal& proposal);
  void process(Store& store, const std::string& worker, const Job& job);
  bool record(Store& store, const TrialClaim& claim, TrialFinish& finish);
  void settle(std::int64_t number, const Digest& digest, TrialResult&& result);
  std::optional<Reusable> find_reusable(std::int64_t number, const Candidate& candidate,
                                        const Evaluator::Info& evaluator);
  void show_progress();

  const EngineSetup& setup_;
  const std::int64_t workers_;
  const Clock::time_point start_ = Clock::now();
  std::stop_source stop_;  ///< of the evaluations: the user's request or a worker's error
  Leases leases_;
  std::shared_mutex quiet_;  ///< held exclusively while something is timed

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

Engine::Engine(const EngineSetup& setup)
    : setup_(setup), workers_(setup.config.workers), leases_(setup.store.connect()) {
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
    std::vector<std::thread> threads;
    for (std::int64_t worker = 0; worker < workers_; ++worker) {
      threads.emplace_back([this, worker] {
        try {
          work(worker);
        } catch (...) {
          const std::lock_guard lock(mutex_);
          if (!error_) error_ = std::current_exception();
          ended_ = true;
          stop_.request_stop();
          changed_.notify_all();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  setup_.progress.end();
  if (error_) std::rethrow_exception(error_);
  result_.seconds = seconds_since(start_);
  return result_;
}

void Engine::work(std::int64_t worker) {
  set_intra_op_threads(1);
  const std::unique_ptr<Store> store = setup_.store.connect();
  const std::string name = process_name() + ":" + std::to_string(worker);
  while (true) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      job = next_job(lock);
    }
    if (!job) return;
    process(*store, name, *job);
  }
}

/// All tells that proposal `next` must know of are there.
bool Engine::may_ask() const {
  const auto next = static_cast<std::int64_t>(entries_.size());
  for (std::int64_t number = told_; number <= next - workers_; ++number) {
    if (!entries_[static_cast<std::size_t>(number)].settled) return false;
  }
  return true;
}

std::optional<Job> Engine::next_job(std::unique_lock<std::mutex>& lock) {
  while (true) {
    // The stop token wakes sleepers without the mutex, so a wake-up may be missed: look again now
    // and then.
    while (!ended_ && !stop_.stop_requested() && !may_ask()) {
      changed_.wait_for(lock, std::chrono::milliseconds(200));
    }
    if (!ended_ && stop_.stop_requested()) end(StopReason::kRequested, "stopped on request");
    if (ended_) return std::nullopt;
    const auto number = static_cast<std::int64_t>(entries_.size());
    tell_up_to(number - workers_);
    if (!budget_left()) return std::nullopt;
    // Thinking would disturb a measurement as much as training does.
    const std::shared_lock quiet(quiet_);
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
    if (replay(number, *proposal)) continue;
    return Job{number, proposal->architecture, proposal->epochs, proposal->reason,
               seconds_since(asked)};
  }
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
  if (text != row.text) {
    throw Error(ErrorKind::kData, "study '" + setup_.config.name + "' cannot be continued: trial " +
                                      std::to_string(number) + " is stored as '" + row.text +
                                      "', but this version of the searcher proposes '" + text +
                                      "'; start a study of another name");
  }
  if (row.state == TrialState::kRunning) return false;
  if (const auto other = other_training(setup_.plan, row, proposal.epochs)) {
    throw Error(ErrorKind::kData,
                "study '" + setup_.config.name + "' cannot be continued: " + *other);
  }
  TrialResult result;
  result.outcome = to_outcome(row.state);
  result.metrics = std::move(row.metrics);
  result.error = row.error;
  result.violation = row.violation;
  entries_.back().replayed = true;
  ++result_.replayed;
  settle(number, row.digest, std::move(result));
  return true;
}

/// Requires the mutex.
void Engine::settle(std::int64_t number, const Digest& digest, TrialResult&& result) {
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

void Engine::process(Store& store, const std::string& worker, const Job& job) {
  const StudyRow& study = setup_.study;
  Candidate candidate;
  {
    const std::shared_lock quiet(quiet_);
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
  TrialResult result = evaluate_candidate(setup_.plan, candidate, Reuse(*this, job.number), quiet_,
                                          stop_.get_token());
  leases_.remove(*claimed);
  if (result.stopped) return;
  TrialFinish finish = to_finish(*claimed, result, seconds_since(start));
  if (!record(store, claim, finish)) {
    throw StudyLost(ErrorKind::kUsage, "another process has taken study '" + setup_.config.name +
                                           "' over; its results continue there");
  }
  const std::lock_guard lock(mutex_);
  settle(job.number, candidate.digest, std::move(result));
}

/// A refused finish means that the lease had passed (a process stopped for a minute). The result is
/// still right, so it is stored under a new claim unless somebody else has the trial.
bool Engine::record(Store& store, const TrialClaim& claim, TrialFinish& finish) {
  if (store.finish(finish)) return true;
  setup_.progress.message("trial " + std::to_string(claim.number) +
                          ": its lease had passed; claiming it again");
  const std::optional<ClaimedTrial> again = store.claim(claim);
  if (!again) return false;
  finish.claim = *again;
  return store.finish(finish);
}

}  // namespace

EngineResult run_engine(const EngineSetup& setup) {
  return Engine(setup).run();
}

}  // namespace nas
