#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "core/api/store.h"

namespace nas {

inline constexpr double kLeaseSeconds = 60;

/// Keeps the claims of running trials alive, on a thread and connection of its own.
class Leases {
 public:
  explicit Leases(std::unique_ptr<Store> store);
  ~Leases();
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  void add(const ClaimedTrial& claim);
  void remove(const ClaimedTrial& claim);

 private:
  void run();

  std::unique_ptr<Store> store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::map<std::int64_t, ClaimedTrial> claims_;  ///< by trial
  std::thread thread_;
};

}  // namespace nas
