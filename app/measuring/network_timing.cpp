#include "app/measuring/network_timing.h"

#include <optional>

#include "app/session/candidate.h"
#include "core/api/decision_effects.h"
#include "core/api/device_settings.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string fidelity_of(const TimingOptions& options) {
  return options.cold_caches ? "caches=cold" : "";
}

class Timer {
 public:
  Timer(Session& session, const TimingRequest& request)
      : session_(session),
        request_(request),
        space_(session.space(request.space)),
        network_(network_text(space_, request.task)) {}

  TimedNetwork time(const std::string& text) {
    TimedNetwork timed;
    timed.architecture = text;
    std::optional<Candidate> candidate;
    try {
      const Architecture architecture = space_.parse(text);
      validate(space_, architecture);
      candidate = identify(space_, architecture);
      if (!request_.again && recall(*candidate, timed)) return timed;
      const HostTiming timing = time_on_host(space_.build(architecture, request_.task),
                                             request_.device, request_.options);
      timed.latency = timing.latency;
      timed.drift = drift_text(timing);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kIo) throw;  // the store is full or gone
      timed.error = error.what();
      return timed;
    }
    keep(*candidate, timed.latency);
    return timed;
  }

 private:
  bool recall(const Candidate& candidate, TimedNetwork& timed) {
    if (!session_.store_exists()) return false;
    const auto found = session_.writer().find_metric(
        candidate.digest, network_, "latency_ms", fidelity_of(request_.options), request_.device);
    if (!found || found->source != MetricSource::kMeasured) return false;
    timed.known = true;
    timed.latency.milliseconds = found->value;
    if (found->interval) {
      timed.latency.low = found->interval->low;
      timed.latency.high = found->interval->high;
    }
    return true;
  }

  void keep(const Candidate& candidate, const LatencyEstimate& latency) {
    const MetricValue value{.name = "latency_ms",
                            .value = latency.milliseconds,
                            .source = MetricSource::kMeasured,
                            .fidelity = fidelity_of(request_.options),
                            .device = request_.device,
                            .network = network_,
                            .interval = interval_of(latency)};
    session_.writer().add_metrics(
        {request_.space.name, space_.info().version, candidate.text, candidate.digest,
         candidate.published_params, candidate.published_macs},
        {&value, 1});
  }

  Session& session_;
  const TimingRequest& request_;
  const SearchSpace& space_;
  const std::string network_;
};

}  // namespace

TimingReport time_networks(Session& session, const TimingRequest& request) {
  const std::int64_t threads = known_settings(request.device.settings).threads.value_or(1);
  if (request.options.cold_caches && threads > 1) {
    throw Error(ErrorKind::kUsage,
                "cold caches are measured with one thread, not with " + std::to_string(threads));
  }
  TimingReport report;
  session.writer();  // whoever may not write is told before anything is timed
  Timer timer(session, request);
  const InterruptionScope interruption(session.stop());
  const auto all = static_cast<std::int64_t>(request.architectures.size());
  if (all > 1) session.progress().begin("measuring networks", all);
  try {
    for (const std::string& text : request.architectures) {
      check_interruption();
      const TimedNetwork& timed = report.networks.emplace_back(timer.time(text));
      session.progress().update(
          static_cast<std::int64_t>(report.networks.size()),
          timed.error.empty() ? format_short(timed.latency.milliseconds) + " ms" : "failed");
    }
  } catch (const Interrupted&) {
    report.stopped = true;
  }
  session.progress().end();
  return report;
}

}  // namespace nas
