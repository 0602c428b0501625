#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/latency.h"

namespace nas {

// How passes on this machine are timed, whatever engine runs them.

/// What a device of this machine asks of an engine.
struct PassSettings {
  std::int64_t batch = 1;
  int threads = 1;
  std::string precision = "float32";
};
/// Throws Error(kUnsupported) for a device of another machine or of an engine that is not here, for
/// settings that cannot be, and for a precision that the engine lacks.
PassSettings pass_settings(const Device& device, std::string_view engine);

/// Milliseconds of each pass after 3 that warm up; `after_warm_up` is called between the two,
/// `before_pass` before each that counts.
std::vector<double> time_passes(const std::function<void()>& pass,
                                const std::function<void()>& after_warm_up = {},
                                const std::function<void()>& before_pass = {});

/// Median and quartiles. Requires a pass.
LatencyEstimate latency_of(const std::vector<double>& milliseconds);

/// `time_passes` with caches as the options ask, and what the passes say of the machine meanwhile;
/// `pinned` is left as it is. Throws Error(kUnsupported) for cold caches of several threads.
HostTiming time_engine(const std::function<void()>& pass, int threads,
                       const TimingOptions& options);

}  // namespace nas
