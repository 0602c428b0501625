#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/runtime/latency.h"

namespace nas {

/// Networks to be timed on a device of this machine.
struct TimingRequest {
  PluginChoice space;
  Task task;                               ///< of the networks
  std::vector<std::string> architectures;  ///< in the space's own notation
  Device device;
  TimingOptions options;
  bool again = false;  ///< also those whose latency is stored
};

struct TimedNetwork {
  std::string architecture;
  LatencyEstimate latency;
  std::string drift;    ///< `drift_text`
  bool known = false;   ///< stored before: only the median is known
  std::string error{};  ///< why it could not be timed
};

struct TimingReport {
  std::vector<TimedNetwork> networks;  ///< those that were reached, in the order of the request
  bool stopped = false;
};

/// Times them one by one and stores each latency at once, as measured on the device: the same
/// request continues where it was stopped. One that fails is reported; the rest are still timed.
/// Throws Error(kUsage) for cold caches of several threads.
TimingReport time_networks(Session& session, const TimingRequest& request);

}  // namespace nas
