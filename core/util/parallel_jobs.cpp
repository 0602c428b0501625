#include "core/util/parallel_jobs.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace nas {
namespace {

class Run {
 public:
  Run(std::size_t count, const ParallelJobs& jobs)
      : count_(count), jobs_(jobs), running_(std::max<std::int64_t>(jobs.threads, 1)) {}

  std::size_t go() {
    // Joined after they are told to end, also when an error passes: each finishes the job it has.
    std::vector<std::jthread> threads;
    try {
      for (std::int64_t i = running_; i > 0; --i) threads.emplace_back([this] { work(); });
      keep_what_comes();
    } catch (...) {
      failed_ = true;
      throw;
    }
    if (error_) std::rethrow_exception(error_);
    return kept_;
  }

 private:
  void work() {
    try {
      if (jobs_.begin) jobs_.begin();
      for (std::size_t job = next_++; job < count_ && !failed_; job = next_++) {
        if (jobs_.stop.stop_requested()) break;
        jobs_.run(job);
        const std::lock_guard lock(mutex_);
        finished_.push_back(job);
        changed_.notify_one();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_.exchange(true)) error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_one();
  }

  void keep_what_comes() {
    std::unique_lock lock(mutex_);
    while (running_ > 0 || !finished_.empty()) {
      changed_.wait(lock, [this] { return running_ == 0 || !finished_.empty(); });
      const std::vector<std::size_t> batch = std::exchange(finished_, {});
      if (batch.empty()) continue;
      lock.unlock();
      if (jobs_.keep) jobs_.keep(batch);
      kept_ += batch.size();
      lock.lock();
    }
  }

  const std::size_t count_;
  const ParallelJobs& jobs_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::size_t kept_ = 0;  ///< of the calling thread
  std::mutex mutex_;      ///< guards what follows
  std::condition_variable changed_;
  std::vector<std::size_t> finished_;
  std::exception_ptr error_;
  std::int64_t running_;
};

}  // namespace

std::size_t run_jobs(std::size_t count, const ParallelJobs& jobs) {
  return Run(count, jobs).go();
}

}  // namespace nas
