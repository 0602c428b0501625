#pragma once

#include <sched.h>

#include <cstddef>
#include <functional>
#include <vector>

namespace nas {

/// Runs `body(i)` once on each of the threads 0 to `threads` - 1 of an engine, the same `i` on the
/// same thread each time.
using OnEachThread = std::function<void(int threads, const std::function<void(std::size_t)>& body)>;

/// Holds each thread of an engine on a processor of its own while it lives, so that none moves away
/// from its caches; afterwards they may run where they could before. Nothing is held where the
/// process may use fewer processors than there are threads.
class ThreadPins {
 public:
  ThreadPins(int threads, OnEachThread on_each_thread);
  ~ThreadPins();
  ThreadPins(const ThreadPins&) = delete;
  ThreadPins& operator=(const ThreadPins&) = delete;
  bool pinned() const { return pinned_; }

 private:
  OnEachThread on_each_thread_;
  std::vector<cpu_set_t> before_;  // by thread
  bool pinned_ = false;
};

}  // namespace nas
