#include "app/workers/worker.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "app/study/queue_worker.h"
#include "app/study/store_patience.h"
#include "app/study/study_devices.h"
#include "app/study/study_owner.h"
#include "app/workers/worker_heart.h"
#include "app/workers/worker_start.h"
#include "app/workers/worker_studies.h"
#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<WorkerSpec> worker_specs(Session& session, const WorkerOptions& options,
                                     const std::vector<std::string>& devices) {
  const std::string process = process_name();
  std::vector<WorkerSpec> specs;
  for (std::int64_t thread = 0; thread < options.threads; ++thread) {
    specs.push_back({.name = process + ":" + std::to_string(thread),
                     .host = host_of(process),
                     .pid = getpid(),
                     .environment = session.environment(),
                     .devices = devices,
                     .job = options.job});
  }
  return specs;
}

/// While it lives, a thread does something: since when, in ms.
class Doing {
 public:
  static constexpr std::int64_t kNothing = -1;
  explicit Doing(std::atomic<std::int64_t>& began) : began_(began) {
    began_ = Clock::now().time_since_epoch() / 1ms;
  }
  ~Doing() { began_ = kNothing; }
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  std::atomic<std::int64_t>& began_;
};

/// Of the trials that a process may still take, those that a thread may take now. What it does not
/// use is given back.
class Share {
 public:
  Share(std::atomic<std::int64_t>& left, std::int64_t most) : left_(left) {
    std::int64_t all = left;
    do {
      size_ = std::clamp<std::int64_t>(all, 0, most);
    } while (!left_.compare_exchange_weak(all, all - size_));
  }
  ~Share() { left_ += size_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  std::int64_t size() const { return size_; }
  void use(std::size_t trials) { size_ -= static_cast<std::int64_t>(trials); }

 private:
  std::atomic<std::int64_t>& left_;
  std::int64_t size_ = 0;
};

/// A worker process.
class Worker {
 public:
  Worker(Session& session, const WorkerOptions& options)
      : session_(session),
        options_(options),
        devices_(worker_devices(session)),
        studies_(session, options.study, devices_),
        leases_(session.writer().connect(), options.lease_seconds),
        heart_(session.writer().connect(), worker_specs(session, options, devices_)),
        left_(options.max_trials == 0 ? INT64_MAX : options.max_trials),
        began_(static_cast<std::size_t>(options.threads)) {
    for (auto& began : began_) began = Doing::kNothing;
    worker_registry(session_.writer()).judge_in(session_.environment());
  }

  WorkerReport run() {
    const auto ask_stop = [this] { stop_.request_stop(); };
    const std::stop_callback on_stop(session_.stop(), ask_stop);
    const std::stop_callback on_limit(options_.time_limit, ask_stop);
    while (!ended()) {
      try {
        work();
        unreachable_since_.reset();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::kIo) throw;
        wait_for_store(error);
      }
    }
    report_.lacks = studies_.lacks();
    return report_;
  }

 private:
  bool ended() {
    if (options_.time_limit.stop_requested()) return end(WorkerEnd::kTimeLimit);
    if (session_.stop().stop_requested()) return end(WorkerEnd::kStopped);
    if (left_ <= 0) return end(WorkerEnd::kTrials);
    if (over_) return end(WorkerEnd::kStudyOver);
    const bool idle = options_.idle_seconds > 0 && seconds_since(busy_) >= options_.idle_seconds;
    if (idle) return end(studies_.lacks().empty() ? WorkerEnd::kIdle : WorkerEnd::kBlocked);
    return false;
  }

  bool end(WorkerEnd why) {
    report_.end = why;
    return true;
  }

  void work() {
    WorkerStudy* study = studies_.next();
    if (study != nullptr) {
      heart_.set_state(WorkerState::kBusy);
      work_on(*study);
      return;
    }
    over_ = studies_.over();
    const std::string& lacks = studies_.lacks();
    heart_.set_state(lacks.empty() ? WorkerState::kIdle : WorkerState::kBlocked, lacks);
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, 500ms);
    if (!over_) std::this_thread::sleep_for(pause_);
  }

  /// Until nobody's trials of the study wait for a while.
  void work_on(WorkerStudy& study) {
    const QueueWork work{.study = study.row,
                         .config = study.config,
                         .plan = study.plan,
                         .earlier = study.earlier,
                         .checkpoints = study.checkpoints,
                         .leases = leases_,
                         .quiet = quiet_,
                         .progress = session_.progress(),
                         .lease_seconds = options_.lease_seconds,
                         .batch = options_.batch,
                         .devices = devices_};
    std::exception_ptr failure;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (std::int64_t thread = 0; thread < options_.threads; ++thread) {
      threads.emplace_back([&, thread] {
        try {
          take_trials(work, static_cast<std::size_t>(thread));
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (!failure) failure = std::current_exception();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUnsupported) throw;
      studies_.block(study.config.name, error.what());
    }
  }

  void take_trials(const QueueWork& work, std::size_t thread) {
    set_intra_op_threads(1);
    const std::unique_ptr<Store> store = session_store();
    QueueWorker worker(work, *store, process_name() + ":" + std::to_string(thread));
    constexpr auto kLongestWait = 1s;
    std::chrono::milliseconds pause = 1ms;
    Clock::time_point found = Clock::now();
    std::vector<TakenTrial> trials;
    const auto may_come = [&] {
      // As long as one thread has something to do, more may come for the others.
      const bool soon = Clock::now() - found < kLongestWait || working();
      return soon && left_ > 0 && !stop_.stop_requested();
    };
    while (!trials.empty() || may_come()) {
      if (take_turn(worker, thread, trials)) {
        found = Clock::now();
        pause = 1ms;
      } else {
        std::this_thread::sleep_for(pause);
        pause = std::min<std::chrono::milliseconds>(pause * 2, 100ms);
      }
    }
  }

  /// Works on `trials`, or on some that it takes where there are none, and leaves those that come
  /// next. False: there was nothing to do.
  bool take_turn(QueueWorker& worker, std::size_t thread, std::vector<TakenTrial>& trials) {
    const Doing doing(began_[thread]);
    if (trials.empty()) {
      Share share(left_, options_.batch);
      if (share.size() > 0) trials = worker.take(share.size());
      share.use(trials.size());
    }
    if (trials.empty()) return false;
    // Asked for when they are evaluated: until then other threads may take what is left.
    std::optional<Share> share;
    const auto limit = [&] { return share.emplace(left_, options_.batch).size(); };
    WorkDone done = worker.work_on(trials, limit, stop_.get_token());
    if (share) share->use(done.next.size());
    note(thread, done);
    trials = std::move(done.next);
    return true;
  }

  /// Is a thread evaluating, and not only asking for something to evaluate?
  bool working() const {
    constexpr std::int64_t kLongestQuestion = 500;
    const std::int64_t now = Clock::now().time_since_epoch() / 1ms;
    return std::ranges::any_of(began_, [now](const std::atomic<std::int64_t>& began) {
      return began != Doing::kNothing && now - began > kLongestQuestion;
    });
  }

  std::unique_ptr<Store> session_store() {
    const std::lock_guard lock(mutex_);
    return session_.writer().connect();
  }

  void note(std::size_t thread, const WorkDone& done) {
    heart_.add(thread, done.finished, done.seconds);
    const std::lock_guard lock(mutex_);
    report_.trials += done.finished;
    report_.refused += done.refused;
    busy_ = Clock::now();
    pause_ = 4ms;
    session_.progress().update(report_.trials, "study '" + studies_.current() + "'");
  }

  void wait_for_store(const Error& error) {
    if (!unreachable_since_) {
      unreachable_since_ = Clock::now();
      const bool comes = session_.store_address().is_directory();
      session_.progress().message(
          std::string(error.what()) +
          (comes ? "; waiting for it"
                 : "; trying again for " + std::to_string(kStorePatience.count()) + " s"));
    }
    // The coordinator of a directory may be started again at any time.
    const bool comes = session_.store_address().is_directory();
    if (!comes && Clock::now() - *unreachable_since_ > kStorePatience) throw error;
    std::this_thread::sleep_for(1s);
  }

  Session& session_;
  const WorkerOptions& options_;
  const std::vector<std::string> devices_;
  WorkerStudies studies_;
  Leases leases_;
  WorkerHeart heart_;
  std::shared_mutex quiet_;
  std::stop_source stop_;
  std::atomic<std::int64_t> left_;
  std::vector<std::atomic<std::int64_t>> began_;  ///< ms, by thread: what it does now
  std::mutex mutex_;  ///< guards the session among threads, and what they add up
  WorkerReport report_;
  Clock::time_point busy_ = Clock::now();
  std::chrono::milliseconds pause_ = 4ms;
  std::optional<Clock::time_point> unreachable_since_;
  bool over_ = false;
};

}  // namespace

WorkerReport run_worker(Session& session, const WorkerOptions& options) {
  session.progress().begin("worker " + process_name(), options.max_trials);
  session.work_for_others();
  WorkerReport report;
  if (const std::optional<WorkerEnd> early = wait_for_work(session, options)) {
    report.end = *early;
  } else {
    // The store may be lost again while the worker makes itself known.
    const auto worker = patiently(session.stop(), session.progress(),
                                  [&] { return std::make_unique<Worker>(session, options); });
    report = worker->run();
  }
  session.progress().end();
  return report;
}

std::string WorkerReport::brief() const {
  const auto why = [this]() -> std::string {
    switch (end) {
      case WorkerEnd::kTrials:
        return "all that were asked for";
      case WorkerEnd::kIdle:
        return "nothing more to do";
      case WorkerEnd::kBlocked:
        return "what waits needs what this machine lacks: " + lacks;
      case WorkerEnd::kStudyOver:
        return "the study is finished";
      case WorkerEnd::kStopped:
        return "stopped on request";
      case WorkerEnd::kTimeLimit:
        return "the time limit is near, what ran was handed on";
    }
    return "";
  };
  std::string text = "worker: " + std::to_string(trials) + " trials";
  if (refused > 0) text += ", " + std::to_string(refused) + " results came too late";
  return text + "; " + why();
}

}  // namespace nas
