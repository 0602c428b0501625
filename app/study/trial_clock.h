#pragma once

#include <atomic>
#include <functional>
#include <stop_token>

namespace nas {

/// The time limit of one trial. Only work counts: a trial that waits for its turn spends nothing.
class TrialClock {
 public:
  /// `seconds`: 0 = no limit. `stop`: of the whole search; ends the work as well.
  TrialClock(double seconds, std::stop_token stop);

  /// Runs `work` with a token that is stopped by the limit or by the search.
  void run(const std::function<void(std::stop_token)>& work);
  /// The limit was reached.
  bool expired() const { return expired_; }

 private:
  double limit_;
  double spent_ = 0;
  std::atomic<bool> expired_ = false;
  std::stop_token stop_;
};

}  // namespace nas
