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
  bool added = false;                ///< under this name (nasctl device add)
  std::int64_t values = 0;           ///< stored by studies and measurements
  std::vector<std::string> columns;  ///< "help latency_ms:device=pixel3,...", of benchmarks
};

/// This host, devices of the database and those that columns of its benchmarks name; by name.
std::vector<CatalogueDevice> device_catalogue(Session& session);

/// Devices that a published table measures, which come with its import.
struct PublishedDevices {
  std::string mapping;  ///< built in: `nasctl bench import FILE --mapping help_fbnet`
  std::string space, file;
  std::vector<std::string> devices;
};
std::vector<PublishedDevices> published_devices();
/// What to import for a device: "; published for fbnet: nasctl bench import latency.csv.gz
/// --mapping help_fbnet"; "" where no table that we can read has it. `space`: only of this one; ""
/// = any.
std::string how_to_import(std::string_view device, std::string_view space = {});

/// What one column of a device holds, or what the database has of one metric.
struct DeviceColumn {
  std::string benchmark;  ///< "": values of the database, all of one evidence
  std::string space{};    ///< of these
  std::string column;     ///< "latency_ms, measured" of these
  std::string unit;
  std::int64_t measured = 0;               ///< finite values
  std::int64_t failed = 0;                 ///< marked as failed by the table
  double least = 0, median = 0, most = 0;  ///< of the finite ones
};
/// Throws Error(kUsage) with the near miss for a device that nobody knows.
std::vector<DeviceColumn> device_columns(Session& session, const std::string& device);

}  // namespace nas
