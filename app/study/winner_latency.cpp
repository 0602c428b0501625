#include "app/study/winner_latency.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/devices/device_record.h"
#include "app/session/candidate.h"
#include "app/study/evaluators.h"
#include "app/study/metric_origin.h"
#include "app/study/study_data.h"
#include "core/api/decision_effects.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Does `added` have the batch, threads and precision that a claim says?
bool agree(const DeviceSettings& claimed, const DeviceSettings& added) {
  return (!claimed.batch || claimed.batch == added.batch) &&
         (!claimed.threads || claimed.threads == added.threads) &&
         (claimed.precision.empty() || claimed.precision == added.precision);
}

/// The device of a claim as it is measured here; nullopt for another machine's.
std::optional<Device> device_here(Session& session, const StudyConfig& config,
                                  const Device& claimed) {
  const DeviceSettings settings = known_settings(claimed.settings);
  if (!settings.machine.empty()) {
    return is_this_host(claimed) ? std::optional(claimed) : std::nullopt;
  }
  // A table or predictor that names no machine: what this database knows by the name.
  if (claimed.name == kThisHost) {
    const bool measurable = settings.precision.empty() || settings.precision == "float32" ||
                            settings.precision == "bfloat16";
    if (!measurable) return std::nullopt;
    return host_device(settings.batch.value_or(config.latency_batch),
                       settings.threads.value_or(config.latency_threads),
                       settings.precision.empty() ? "float32" : settings.precision);
  }
  const auto added = added_device(session, claimed.name);
  return added && is_this_host(*added) && agree(settings, known_settings(added->settings))
             ? added
             : std::nullopt;
}

/// What the winning trial says of a metric; nullptr where it is missing or was measured.
const MetricValue* claim_of(const TrialRow& trial, const MetricKey& metric) {
  for (const MetricValue& value : trial.metrics) {
    const bool same =
        value.name == metric.name && value.device && value.device->name == metric.device;
    if (same && value.source != MetricSource::kMeasured) return &value;
  }
  return nullptr;
}

void measure(Session& session, const StudyConfig& config, const std::string& text,
             WinnerLatency& latency) {
  const SearchSpace& space = session.space(config.space);
  const Architecture architecture = space.parse(text);
  const Candidate candidate = identify(space, architecture);
  const Task task = study_task(session, config);
  const std::string network = network_text(space, task);
  const auto before =
      session.reader().find_metric(candidate.digest, network, "latency_ms", "", latency.device);
  if (before && before->source == MetricSource::kMeasured) {
    latency.known = true;
    latency.timing.latency.milliseconds = before->value;
    return;
  }
  latency.timing = time_on_host(space.build(architecture, task), latency.device, {});
  const LatencyEstimate& measured = latency.timing.latency;
  const MetricValue value{.name = "latency_ms",
                          .value = measured.milliseconds,
                          .source = MetricSource::kMeasured,
                          .fidelity = "",
                          .device = latency.device,
                          .network = network,
                          .interval = interval_of(measured)};
  session.writer().add_metrics(
      {config.space.name, space.info().version, candidate.text, candidate.digest,
       candidate.published_params, candidate.published_macs},
      {&value, 1});
}

}  // namespace

std::vector<WinnerLatency> measure_winner(Session& session, std::string_view study_name) {
  const StudyData study = load_study(session.reader(), study_name);
  std::vector<WinnerLatency> latencies;
  const std::vector<TrialSummary> best = leaders(study, "", 1);
  if (best.empty()) return latencies;
  const auto trial = std::find_if(study.trials.begin(), study.trials.end(), [&](const auto& row) {
    return row.number == best.front().number;
  });
  for (const std::string& text : study.config.origins) {
    const MetricOrigin origin = parse_origin(text);
    if (origin.metric.name != "latency_ms") continue;
    const MetricValue* claim = claim_of(*trial, origin.metric);
    if (claim == nullptr) continue;
    const auto device = device_here(session, study.config, *claim->device);
    if (!device) continue;
    WinnerLatency latency{.trial = trial->number,
                          .metric = origin.metric,
                          .claimed = claim->value,
                          .origin = origin.kind + ":" + origin.argument,
                          .device = *device,
                          .timing = {}};
    measure(session, study.config, trial->text, latency);
    latencies.push_back(std::move(latency));
  }
  return latencies;
}

std::string winner_text(const WinnerLatency& latency) {
  const LatencyEstimate& measured = latency.timing.latency;
  const double error = latency.claimed / measured.milliseconds - 1;
  std::string text = latency.metric.text() + " of the winner (trial " +
                     std::to_string(latency.trial) + "): " + format_short(latency.claimed) +
                     " ms by " + latency.origin + ", " + format_short(100 * std::abs(error), 2) +
                     " % " + (error < 0 ? "below" : "above") + " the ";
  const std::string milliseconds = format_short(measured.milliseconds) + " ms";
  if (latency.known) {
    text += milliseconds + " measured before";
  } else {
    text += "measured " + milliseconds + " (quartiles " + format_short(measured.low) + " to " +
            format_short(measured.high) + ")";
  }
  const std::string drift = drift_text(latency.timing);
  return drift.empty() ? text : text + "; not steady: " + drift;
}

}  // namespace nas
