#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/api/evaluation.h"

namespace nas {

/// A device that a latency, energy or memory can refer to, wherever it is known from.
struct CatalogueDevice {
  Device device;                     ///< kind and settings "" where a table does not say them
  std::int64_t values = 0;           ///< stored by studies and measurements
  std::vector<std::string> columns;  ///< "help latency_ms:device=pixel3,...", of benchmarks
};

/// This host, devices of the database and those that columns of its benchmarks name; by name.
std::vector<CatalogueDevice> device_catalogue(Session& session);

/// What one column of a device holds.
struct DeviceColumn {
  std::string benchmark, column, unit;
  std::int64_t measured = 0;               ///< finite values
  std::int64_t failed = 0;                 ///< marked as failed by the table
  double least = 0, median = 0, most = 0;  ///< of the finite ones
};
/// Throws Error(kUsage) with the near miss for a device that nobody knows.
std::vector<DeviceColumn> device_columns(Session& session, const std::string& device);

}  // namespace nas
