#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace nas {

/// A thread that runs jobs one after another, urgent ones first. Jobs that have not started when
/// it goes are dropped.
class JobThread {
 public:
  using Job = std::function<void()>;

  JobThread();
  ~JobThread();
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  void post(Job job, bool urgent);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> urgent_;
  std::deque<Job> others_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace nas
