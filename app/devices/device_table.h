#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/session/session.h"

namespace nas {

/// The look-up table that was imported for a device: a file beside the database.
struct DeviceTable {
  std::filesystem::path path;
  std::string sha256;
};
std::optional<DeviceTable> device_table(Session& session, const std::string& device);

/// Copies a look-up table to <directory of the store>/devices/NAME.csv and keeps it as the one of
/// this device. Returns the number of its
/// entries.
/// Throws Error(kIo | kData) for a file that is missing or damaged, Error(kUsage) where it is of
/// other devices, or says other settings of this one than are known (both are named).
std::size_t keep_device_table(Session& session, const Device& device,
                              const std::filesystem::path& file);

}  // namespace nas
