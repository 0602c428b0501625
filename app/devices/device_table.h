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
/// Throws Error(kIo | kData) for a file that is missing or was changed since.
std::optional<DeviceTable> device_table(Session& session, const std::string& device);
/// Was one imported, whatever has become of its file?
bool has_device_table(Session& session, const std::string& device);

struct KeptTable {
  std::size_t entries = 0;
  bool known = false;  ///< the device had this very table
};
/// Copies a look-up table to <directory of the store>/devices/NAME.csv and keeps it as the one of
/// this device. One that the device has already is written again only where its file is missing or
/// was changed. Throws Error(kIo | kData) for a file that is missing or damaged, Error(kUsage)
/// where it is of other devices, says other settings of this one than are known (both are named),
/// or, without `force`, where the device has another table.
KeptTable keep_device_table(Session& session, const Device& device,
                            const std::filesystem::path& file, bool force = false);

}  // namespace nas
