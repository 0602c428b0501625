#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "core/api/store.h"

namespace nas {

/// Keeps the claims of running trials alive, on a thread and connection of its own.
class Leases {
 public:
  Leases(std::unique_ptr<Store> store, double lease_seconds);
  ~Leases();
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  void add(const ClaimedTrial& claim);
  void remove(const ClaimedTrial& claim);

 private:
  void run();

  std::unique_ptr<Store> store_;
  const double lease_seconds_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::map<std::int64_t, ClaimedTrial> claims_;  ///< by trial
  std::thread thread_;
};

}  // namespace nas
