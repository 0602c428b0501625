#include "app/study/trial_clock.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace nas {

TrialClock::TrialClock(double seconds, std::stop_token stop)
    : limit_(seconds), stop_(std::move(stop)) {}

void TrialClock::run(const std::function<void(std::stop_token)>& work) {
  if (limit_ <= 0) return work(stop_);
  std::stop_source source;
  const std::stop_callback forward(stop_, [&source] { source.request_stop(); });
  std::mutex mutex;
  std::condition_variable_any wake;
  const std::chrono::duration<double> left(limit_ - spent_);
  const std::jthread alarm([&](const std::stop_token& done) {
    std::unique_lock lock(mutex);
    // Woken by the end of the work only.
    if (!wake.wait_for(lock, done, left, [] { return false; }) && !done.stop_requested()) {
      // Said here: clocks that are read later may fall short of the limit by a little.
      expired_ = true;
      source.request_stop();
    }
  });
  const auto start = std::chrono::steady_clock::now();
  const auto note = [&] {
    spent_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    // On a busy machine the work may be over before the alarm has begun.
    if (spent_ >= limit_) expired_ = true;
  };
  try {
    work(source.get_token());
  } catch (...) {
    note();
    throw;
  }
  note();
}

}  // namespace nas
