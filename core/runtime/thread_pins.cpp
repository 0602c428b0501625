#include "core/runtime/thread_pins.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace nas {
namespace {

/// Processors that this process may use, the one that it runs on first.
std::vector<int> processors(const cpu_set_t& allowed) {
  std::vector<int> ids;
  for (int id = 0; id < CPU_SETSIZE; ++id) {
    if (CPU_ISSET(static_cast<std::size_t>(id), &allowed)) ids.push_back(id);
  }
  const auto here = std::find(ids.begin(), ids.end(), sched_getcpu());
  if (here != ids.end()) std::rotate(ids.begin(), here, ids.end());
  return ids;
}

}  // namespace

ThreadPins::ThreadPins(int threads, OnEachThread on_each_thread)
    : on_each_thread_(std::move(on_each_thread)) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  const std::vector<int> ids = processors(allowed);
  if (static_cast<int>(ids.size()) < threads) return;
  before_.resize(static_cast<std::size_t>(threads), allowed);
  std::atomic<bool> all = true;
  on_each_thread_(threads, [&](std::size_t i) {
    sched_getaffinity(0, sizeof(cpu_set_t), &before_[i]);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(ids[i]), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) all = false;
  });
  pinned_ = all;
}

ThreadPins::~ThreadPins() {
  on_each_thread_(static_cast<int>(before_.size()),
                  [&](std::size_t i) { sched_setaffinity(0, sizeof(cpu_set_t), &before_[i]); });
}

}  // namespace nas
