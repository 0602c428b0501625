#include "app/devices/device_record.h"

#include <algorithm>

#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/text.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas {
namespace {

std::vector<DeviceRecord> records(Session& session) {
  if (!session.store_exists()) return {};
  return device_store(session.reader()).device_records();
}

/// Those of this machine, with what they leave open filled in.
DeviceSettings settings_here(const DeviceSettings& wish) {
  const std::string engine = wish.runtime.empty() ? "libtorch" : wish.runtime;
  const std::string precision = wish.precision.empty() ? "float32" : wish.precision;
  const std::vector<std::string> engines = split(kHostEngines, '|');
  if (std::ranges::find(engines, engine) == engines.end()) {
    throw Error(ErrorKind::kUsage, "runtime '" + printable(engine) +
                                       "' is not one of this machine's: " + join(engines, ", ") +
                                       "; a device elsewhere has a --machine");
  }
  const std::vector<std::string> precisions = split(host_precisions(engine), '|');
  if (std::ranges::find(precisions, precision) == precisions.end()) {
    throw Error(ErrorKind::kUsage, "precision '" + printable(precision) +
                                       "' is not measured on this machine with " + engine +
                                       ", only " + join(precisions, " and ") +
                                       "; a device elsewhere has a --machine");
  }
  return known_settings(
      host_device(wish.batch.value_or(1), wish.threads.value_or(1), precision, engine).settings);
}

}  // namespace

Device add_device(Session& session, const std::string& name, const std::string& kind,
                  DeviceSettings settings) {
  check_plain_name(name, "device");
  if (name == kThisHost) {
    throw Error(ErrorKind::kUsage,
                "every machine is 'host' to itself; give a device with settings of its own another "
                "name");
  }
  if (find_mcu_device(name) != nullptr) {
    throw Error(ErrorKind::kUsage, "'" + name +
                                       "' is a microcontroller that networks are planned for "
                                       "(nasctl arch memory); choose another name");
  }
  const std::vector<std::string> kinds = split(kDeviceKinds, '|');
  if (std::ranges::find(kinds, kind) == kinds.end()) {
    throw Error(ErrorKind::kUsage, unknown_name("kind of device", printable(kind), kinds));
  }
  if (settings.machine.empty()) {
    if (kind != "cpu") {
      throw Error(ErrorKind::kUsage, "without a machine it is this one, a cpu, not " + kind +
                                         "; a device elsewhere has a --machine");
    }
    settings = settings_here(settings);
  }
  const Device device{name, kind, to_text(settings)};
  device_store(session.writer()).add_device(device);
  return device;
}

std::optional<Device> added_device(Session& session, std::string_view name) {
  for (const DeviceRecord& record : records(session)) {
    if (record.added && record.device.name == name) return record.device;
  }
  return std::nullopt;
}

Device known_device(Session& session, const std::string& name) {
  if (name == kThisHost) return host_device(1, 1);
  std::vector<std::string> names{std::string(kThisHost)}, settings;
  std::optional<Device> found;
  for (const DeviceRecord& record : records(session)) {
    if (std::ranges::find(names, record.device.name) == names.end()) {
      names.push_back(record.device.name);
    }
    if (record.device.name != name) continue;
    if (record.added) return record.device;
    found = record.device;
    settings.push_back("(" + record.device.settings + ")");
  }
  if (settings.size() == 1) return *found;
  if (settings.size() > 1) {
    throw Error(ErrorKind::kUsage, "device '" + printable(name) +
                                       "' has several settings: " + join(settings, " and ") +
                                       "; add one of them under a name of its own (nasctl device "
                                       "add)");
  }
  throw Error(ErrorKind::kUsage, unknown_name("device", printable(name), names) +
                                     "; nasctl device add makes one known");
}

void require_this_host(const Device& device) {
  if (is_this_host(device)) return;
  throw Error(ErrorKind::kUsage,
              "device '" + device.name + "' is (" + device.settings +
                  "), which cannot be measured here: " + other_machine_text(device));
}

bool is_plain_measurement(const DeviceValue& value) {
  return value.source == MetricSource::kMeasured && value.fidelity.empty();
}

}  // namespace nas
