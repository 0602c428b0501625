#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "app/study/constraint.h"
#include "core/runtime/latency.h"

namespace nas {

/// A latency of a study's winner that the study did not measure, beside the measurement.
struct WinnerLatency {
  std::int64_t trial = 0;
  MetricKey metric;
  double claimed = 0;
  std::string origin;  ///< "lookup:FILE"
  Device device;       ///< that was measured
  HostTiming timing;   ///< of one known from before only the median
  bool known = false;  ///< measured before
};

/// Measures the winner of a study (best by the first objective) for each metric latency_ms@DEVICE
/// whose values the study looked up or predicted and whose device is this machine, and keeps the
/// measurement. Empty where there is none.
std::vector<WinnerLatency> measure_winner(Session& session, std::string_view study);

/// "latency_ms@host of the winner (trial 3): 4.1 ms by lookup:host.csv, 6.8 % below the
/// measured 4.4 ms (quartiles 4.3 to 4.6)".
std::string winner_text(const WinnerLatency& latency);

}  // namespace nas
