#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "core/util/error.h"
#include "core/util/progress.h"

namespace nas {

/// How long a process that many others wait for keeps trying to reach its store.
inline constexpr std::chrono::seconds kStorePatience{300};

/// What `work` gives. It is done again, second after second, while it throws Error(kIo): a server
/// that restarts, a full disk. Said once. Throws that error after `kStorePatience`, or when a stop
/// is requested. Requires that `work` may be done twice.
template <class Work>
auto patiently(const std::stop_token& stop, ProgressSink& progress, const Work& work) {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> since;
  while (true) {
    try {
      return work();
    } catch (const Error& error) {
      const bool late = since && Clock::now() - *since > kStorePatience;
      if (error.kind() != ErrorKind::kIo || late || stop.stop_requested()) throw;
      if (!since) {
        since = Clock::now();
        progress.message(std::string(error.what()) + "; trying again for " +
                         std::to_string(kStorePatience.count()) + " s");
      }
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace nas
