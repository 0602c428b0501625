#include "core/runtime/pass_timing.h"

#include <unistd.h>

#include <algorithm>

#include "core/api/device_settings.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr int kWarmUpPasses = 3;
// A median of fewer is no measurement: one pass of a slow network varied by a factor of four.
constexpr std::size_t kMinPasses = 5;
constexpr std::size_t kMaxPasses = 50;
constexpr double kMaxSeconds = 0.2;

/// Writes memory twice the size of the last cache, so that nothing of a network is left in any.
class CacheSweep {
 public:
  CacheSweep() {
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    constexpr std::size_t kLeast = std::size_t{64} << 20, kMost = std::size_t{512} << 20;
    memory_.resize(std::clamp(static_cast<std::size_t>(std::max(cache, 0L)) * 2, kLeast, kMost));
  }
  void operator()() {
    constexpr std::size_t kLine = 64;
    for (std::size_t i = 0; i < memory_.size(); i += kLine) ++memory_[i];
  }

 private:
  std::vector<unsigned char> memory_;
};

/// Seconds of a chain of multiplications that no processor can shorten: the best of some, so that
/// an interruption does not count.
double loop_seconds() {
  constexpr int kTries = 3, kSteps = 200'000;
  double best = 1;
  for (int i = 0; i < kTries; ++i) {
    const Stopwatch pass;
    volatile std::uint64_t sink = 1;
    std::uint64_t x = sink;
    for (int step = 0; step < kSteps; ++step) x = x * 6364136223846793005ULL + 1;
    sink = x;
    best = std::min(best, pass.seconds());
  }
  return best;
}

/// Median of the last third over that of the first, less 1.
double drift_of(const std::vector<double>& milliseconds) {
  const auto third = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, milliseconds.size() / 3));
  const double first = median({milliseconds.begin(), milliseconds.begin() + third});
  return median({milliseconds.end() - third, milliseconds.end()}) / first - 1;
}

}  // namespace

PassSettings pass_settings(const Device& device, std::string_view engine) {
  const std::string what = "device '" + device.name + ":" + device.settings + "'";
  DeviceSettings given;
  try {
    given = parse_device_settings(device.settings);
  } catch (const Error& error) {
    throw error.with_context(what);
  }
  if (!is_this_host(device)) {
    throw Error(
        ErrorKind::kUnsupported,
        what + ": " +
            (given.machine.empty() ? "only 'host' and devices of this machine can be measured here"
                                   : other_machine_text(device)));
  }
  PassSettings settings{.batch = given.batch.value_or(1),
                        .threads = static_cast<int>(given.threads.value_or(1))};
  if (!given.precision.empty()) settings.precision = given.precision;
  const std::vector<std::string> precisions = split(host_precisions(engine), '|');
  if (std::ranges::find(precisions, settings.precision) == precisions.end()) {
    throw Error(ErrorKind::kUnsupported,
                what + ": precision '" + settings.precision + "', only " +
                    join(precisions, " and ") +
                    (precisions.size() == 1 ? " is measured" : " are measured"));
  }
  return settings;
}

std::vector<double> time_passes(const std::function<void()>& pass,
                                const std::function<void()>& after_warm_up,
                                const std::function<void()>& before_pass) {
  for (int i = 0; i < kWarmUpPasses; ++i) pass();
  if (after_warm_up) after_warm_up();
  std::vector<double> milliseconds;
  const Stopwatch watch;
  while (milliseconds.size() < kMaxPasses &&
         (milliseconds.size() < kMinPasses || watch.seconds() < kMaxSeconds)) {
    if (before_pass) before_pass();
    const Stopwatch pass_watch;
    pass();
    milliseconds.push_back(1e3 * pass_watch.seconds());
  }
  return milliseconds;
}

LatencyEstimate latency_of(const std::vector<double>& milliseconds) {
  return {.milliseconds = median(milliseconds),
          .low = quantile(milliseconds, 0.25),
          .high = quantile(milliseconds, 0.75),
          .runs = static_cast<std::int64_t>(milliseconds.size())};
}

HostTiming time_engine(const std::function<void()>& pass, int threads,
                       const TimingOptions& options) {
  if (options.cold_caches && threads > 1) {
    throw Error(ErrorKind::kUnsupported, "cold caches are those of one thread, not of " +
                                             std::to_string(threads) +
                                             ": each processor has its own");
  }
  HostTiming timing;
  std::vector<double> milliseconds;
  const double before = loop_seconds();
  if (options.cold_caches) {
    CacheSweep sweep;
    milliseconds = time_passes(pass, {}, [&] { sweep(); });
  } else {
    milliseconds = time_passes(pass);
  }
  timing.clock_drift = loop_seconds() / before - 1;
  timing.latency = latency_of(milliseconds);
  timing.drift = drift_of(milliseconds);
  return timing;
}

}  // namespace nas
