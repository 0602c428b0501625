#include "app/study/device_origin.h"

#include <algorithm>
#include <map>

#include "app/devices/device_record.h"
#include "app/devices/device_table.h"
#include "app/session/candidate.h"
#include "app/study/latency_evaluator.h"
#include "app/study/mcu_origin.h"
#include "core/api/device_store.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Newest values by text and by digest, of one network.
class StoredEvaluator final : public Evaluator {
 public:
  StoredEvaluator(std::vector<DeviceValue> values, const SearchSpace& space, Info info)
      : space_(space), info_(std::move(info)) {
    for (DeviceValue& value : values) {
      by_text_[value.architecture] = value;
      by_digest_[to_hex(value.digest)] = std::move(value);
    }
    info_.fidelity = "stored; " + sha256_mark(sha256_hex(text()));
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const std::string text = space_.format(request.architecture);
    auto found = by_text_.find(text);
    if (found == by_text_.end()) {
      // Of the same network: the value is one of time, not of a benchmark's row.
      found = by_digest_.find(to_hex(request.digest));
      if (found == by_digest_.end()) {
        throw Error(ErrorKind::kData,
                    "device '" + info_.device->name + "' has no value of this architecture");
      }
    }
    EvalResult result;
    result.metrics = {{info_.metrics.front(), found->second.value, found->second.source,
                       info_.fidelity, info_.device}};
    return result;
  }

 private:
  /// All values, so that a study that is resumed notices an import in between.
  std::string text() const {
    std::string text;
    for (const auto* values : {&by_text_, &by_digest_}) {
      for (const auto& [key, value] : *values)
        text += key + "," + format_double(value.value) + "\n";
    }
    return text;
  }

  const SearchSpace& space_;
  Info info_;
  std::map<std::string, DeviceValue> by_text_, by_digest_;
};

/// Those of the metric and network among the plain measurements of a device.
std::vector<DeviceValue> fitting(Session& session, const Device& device, const std::string& metric,
                                 const std::string& space, const std::string& network) {
  std::vector<DeviceValue> values;
  if (!session.store_exists()) return values;
  for (DeviceValue& value : device_store(session.reader()).device_values(device)) {
    const bool same_network = network.empty() || value.network == network;
    if (is_plain_measurement(value) && value.metric == metric && value.space == space &&
        same_network) {
      values.push_back(std::move(value));
    }
  }
  return values;
}

void check_names_device(const MetricOrigin& origin) {
  if (origin.metric.device == origin.argument) return;
  throw Error(ErrorKind::kUsage, "origin '" + to_string(origin) + "': " + origin.metric.text() +
                                     " is of device '" + printable(origin.metric.device) + "'");
}

/// Where the values of an added device come from: "measured:NAME".
std::string usual_origin(Session& session, const MetricKey& metric, const Device& device,
                         const std::string& space) {
  const bool latency = metric.name == "latency_ms";
  if (latency && is_this_host(device)) return "measured:" + device.name;
  if (latency) {
    if (const auto table = device_table(session, device.name)) {
      return "lookup:" + std::filesystem::absolute(table->path).string();
    }
  }
  if (!fitting(session, device, metric.name, space, "").empty()) return "stored:" + device.name;
  const DeviceSettings settings = known_settings(device.settings);
  throw Error(ErrorKind::kUsage,
              "device '" + device.name + "' has no measurement of " + metric.name + " in space '" +
                  space + "'" +
                  (settings.machine.empty()
                       ? ""
                       : ", and it is machine '" + settings.machine + "', not this one") +
                  "; give it some with nasctl device import, or name an origin, such as '" +
                  metric.text() + "=predictor:NAME'");
}

/// Of a device that only its own machine can measure.
class DistantLatency final : public LatencyModel {
 public:
  const Info& info() const override { return info_; }
  LatencyEstimate estimate(const ArchGraph&, const Device& device) const override {
    throw Error(ErrorKind::kUnsupported, "device '" + device.name + "' (" + device.settings +
                                             ") is measured by a worker on its own machine");
  }

 private:
  Info info_{.name = "measured", .source = MetricSource::kMeasured, .exclusive = true};
};

}  // namespace

std::optional<Device> named_device(Session& session, const std::string& name) {
  if (name.empty()) return std::nullopt;
  return added_device(session, name).value_or(Device{name, "", ""});
}

std::unique_ptr<Evaluator> make_measured_evaluator(Session& session, const SearchSpace& space,
                                                   const Task& task, const MetricOrigin& origin) {
  check_names_device(origin);
  const Device device = known_device(session, origin.argument);
  if (origin.metric.name != "latency_ms") {
    throw Error(ErrorKind::kUsage,
                "this machine measures latency_ms, not '" + origin.metric.text() + "'");
  }
  require_this_host(device);
  return make_latency_evaluator(make_host_latency_model(), device, space, task);
}

std::unique_ptr<Evaluator> make_distant_evaluator(Session& session, const SearchSpace& space,
                                                  const Task& task, const MetricOrigin& origin) {
  check_names_device(origin);
  const Device device = known_device(session, origin.argument);
  if (is_this_host(device)) return make_measured_evaluator(session, space, task, origin);
  return make_latency_evaluator(std::make_unique<DistantLatency>(), device, space, task);
}

std::unique_ptr<Evaluator> make_stored_evaluator(Session& session, const SearchSpace& space,
                                                 const Task& task, const MetricOrigin& origin) {
  check_names_device(origin);
  Evaluator::Info info = origin_info(origin, space, task);
  info.device = known_device(session, origin.argument);
  info.expense = 1;
  auto values = fitting(session, *info.device, origin.metric.name, space.info().name, info.network);
  if (values.empty()) {
    throw Error(ErrorKind::kUsage, "device '" + info.device->name + "' has no measurement of " +
                                       origin.metric.name + " of the network " + info.network);
  }
  return std::make_unique<StoredEvaluator>(std::move(values), space, std::move(info));
}

StudyConfig with_device_origins(Session& session, StudyConfig config) {
  std::vector<MetricKey> metrics;
  try {
    metrics = metrics_without_origin(config);
  } catch (const Error&) {
    return config;  // what is wrong with it is said when it is resolved
  }
  for (const MetricKey& metric : metrics) {
    if (metric.device.empty() || metric.device == kHost) continue;
    const auto device = added_device(session, metric.device);
    const bool known_mcu = find_mcu_device(metric.device) != nullptr;
    std::string origin = metric.text() + "=";
    // Somebody may have added a microcontroller to store what was measured; memory is still
    // planned.
    if (known_mcu && (!device || is_mcu_metric(metric.name))) {
      origin += "mcu:" + metric.device;
    } else if (device) {
      origin += usual_origin(session, metric, *device, config.space.name);
    } else {
      continue;
    }
    if (std::find(config.origins.begin(), config.origins.end(), origin) == config.origins.end()) {
      config.origins.push_back(origin);
    }
  }
  return config;
}

}  // namespace nas
