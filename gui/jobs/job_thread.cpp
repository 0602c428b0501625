#include "gui/jobs/job_thread.h"

#include <utility>

namespace nas {

JobThread::JobThread() : thread_([this] { run(); }) {}

JobThread::~JobThread() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    urgent_.clear();
    others_.clear();
  }
  ready_.notify_one();
  thread_.join();
}

void JobThread::post(Job job, bool urgent) {
  {
    const std::lock_guard lock(mutex_);
    (urgent ? urgent_ : others_).push_back(std::move(job));
  }
  ready_.notify_one();
}

void JobThread::run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return ends_ || !urgent_.empty() || !others_.empty(); });
      if (ends_) return;
      std::deque<Job>& queue = urgent_.empty() ? others_ : urgent_;
      job = std::move(queue.front());
      queue.pop_front();
    }
    job();
  }
}

}  // namespace nas
