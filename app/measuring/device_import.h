#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "app/session/session.h"
#include "core/api/evaluation.h"

namespace nas {

/// Measurements of a device in a file.
struct DeviceImport {
  Device device;
  std::filesystem::path file;
  PluginChoice space{};
  Task task;                                  ///< the network that was measured
  std::string architecture = "architecture";  ///< column
  std::string column = "latency_ms";          ///< column of the values
  std::string metric = "latency_ms";          ///< what they are
  /// A value by which the file marks what could not be measured (-1 in HW-NAS-Bench's EdgeTPU):
  /// such rows are left out and counted.
  std::optional<double> invalid{};
  bool force = false;  ///< also values other than those that networks have on the device
};

struct DeviceImportReport {
  std::size_t stored = 0;   ///< new values
  std::size_t known = 0;    ///< equal values that the store had
  std::size_t empty = 0;    ///< rows without a value
  std::size_t invalid = 0;  ///< rows that the file marks
  bool all_equal = false;   ///< of two or more
};

/// Stores the values of a CSV file as measured on the device. Nothing is stored of
/// a file with an error.
/// Throws Error(kData) with file and line for a text that is not an architecture, one that comes
/// twice, and a value that is not a positive number; Error(kData) for a missing column and for a
/// file without any value; Error(kUsage) where networks have other values already, without `force`.
DeviceImportReport import_device_values(Session& session, const DeviceImport& request);

/// Is it a look-up table of blocks (a CSV file with a column "key")? Throws Error(kIo | kData).
bool is_lookup_table(const std::filesystem::path& file);

}  // namespace nas
