#include "app/study/study_leases.h"

#include <chrono>
#include <vector>

#include "core/util/error.h"

namespace nas {

Leases::Leases(std::unique_ptr<Store> store, double lease_seconds)
    : store_(std::move(store)), lease_seconds_(lease_seconds), thread_([this] { run(); }) {}

Leases::~Leases() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Leases::add(const ClaimedTrial& claim) {
  const std::lock_guard lock(mutex_);
  claims_[claim.trial_id] = claim;
}

void Leases::remove(const ClaimedTrial& claim) {
  const std::lock_guard lock(mutex_);
  claims_.erase(claim.trial_id);
}

void Leases::run() {
  const auto pause = std::chrono::duration<double>(lease_seconds_ / 3);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return ending_; })) {
    const std::map<std::int64_t, ClaimedTrial> claims = claims_;
    lock.unlock();
    for (const auto& [trial, claim] : claims) {
      try {
        store_->renew(claim, lease_seconds_);
      } catch (const Error&) {
        // A lost or unreachable claim shows when the worker finishes it, which reports the reason.
      }
    }
    lock.lock();
  }
}

}  // namespace nas
