#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/store.h"
#include "core/util/error.h"

namespace nas {

/// A device of the store.
struct DeviceRecord {
  Device device;
  bool added = false;       ///< somebody gave it its name; else values refer to it
  std::int64_t values = 0;  ///< stored
};

/// A finite value of a device, with what it is of.
struct DeviceValue {
  std::string space;
  std::string architecture;  ///< text
  Digest digest;
  std::string network;  ///< text; "" = unknown
  std::string metric;
  double value = 0;
  MetricSource source = MetricSource::kMeasured;
  std::string fidelity;
};

/// A store that keeps devices as records; a second interface of Store. Every method is one
/// transaction.
class DeviceStore {
 public:
  virtual ~DeviceStore() = default;
  /// Gives a device its name; nothing where it has it already. Throws Error(kUsage), naming both
  /// settings, where a device with other settings, or of another kind, was added under this name.
  /// Devices of this name that only values refer to do not count.
  virtual void add_device(const Device& device) = 0;
  virtual std::vector<DeviceRecord> device_records() const = 0;  ///< by name, settings
  /// In the order in which they came.
  virtual std::vector<DeviceValue> device_values(const Device& device) const = 0;
};

/// The same store. Throw Error(kUnsupported) for one without devices as records.
inline DeviceStore& device_store(Store& store) {
  if (auto* devices = dynamic_cast<DeviceStore*>(&store)) return *devices;
  throw Error(ErrorKind::kUnsupported, "this store keeps no devices");
}
inline const DeviceStore& device_store(const Store& store) {
  if (const auto* devices = dynamic_cast<const DeviceStore*>(&store)) return *devices;
  throw Error(ErrorKind::kUnsupported, "this store keeps no devices");
}

}  // namespace nas
