#include "app/study/study_devices.h"

#include <set>

#include "app/study/metric_origin.h"
#include "core/api/device_store.h"
#include "core/runtime/latency.h"

namespace nas {
namespace {

std::string machine_device() {
  return "machine " + this_machine();
}

}  // namespace

std::vector<std::string> worker_devices(Session& session) {
  std::set<std::string> devices{machine_device()};
  for (const DeviceRecord& record : device_store(session.reader()).device_records()) {
    if (record.added && is_this_host(record.device)) devices.insert(record.device.name);
  }
  return {devices.begin(), devices.end()};
}

std::vector<std::string> needed_devices(const StudyConfig& config) {
  std::set<std::string> devices;
  if (needs_latency(config)) devices.insert(machine_device());
  for (const std::string& text : config.origins) {
    const MetricOrigin origin = parse_origin(text);
    if (origin.kind == "measured") devices.insert(origin.argument);
  }
  return {devices.begin(), devices.end()};
}

}  // namespace nas
