#pragma once

#include <sched.h>

#include <vector>

namespace nas {

/// Holds each of LibTorch's threads on a processor of its own while it lives, so that none moves
/// away from its caches; afterwards they may run where they could before. Nothing is held where the
/// process may use fewer processors than there are threads.
class ThreadPins {
 public:
  /// Requires at::set_num_threads(threads) before.
  explicit ThreadPins(int threads);
  ~ThreadPins();
  ThreadPins(const ThreadPins&) = delete;
  ThreadPins& operator=(const ThreadPins&) = delete;
  bool pinned() const { return pinned_; }

 private:
  std::vector<cpu_set_t> before_;  // by thread
  bool pinned_ = false;
};

}  // namespace nas
