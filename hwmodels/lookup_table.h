#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/api/hardware_model.h"

namespace nas {

/// Reads a look-up table: a CSV file (also gzip) with a column `key` (hwmodels/lookup_keys.h) and
/// one of milliseconds, `mean_ms` or `latency_ms`. Where it has a column `resolution`, an entry is
/// for networks whose input has that height; where it has a column `device`, of that device, whose
/// `kind` and `settings` (core/api/device_settings.h) may have columns as well. Other columns have
/// no meaning. The published tables are read as they are.
///
/// `device` is the name of the one device of a table without that column. Without settings: kind
/// "table", batch 1.
/// Throws Error(kIo) for a file that is missing, Error(kData) with file and line for one that is
/// damaged, for milliseconds that are negative (-1 marks what was not measured) or not a number,
/// for a second entry of one key, and for other settings of a device than before.
///
/// Parts that do not run (`RunningNodes`) cost nothing in `estimate`. `cost` counts them, and so
/// is larger where networks have operations that make zeros.
///
/// The model throws Error(kData) that names the key of a part that the table lacks: never 0.
std::unique_ptr<AdditiveModel> read_lookup_table(const std::filesystem::path& file,
                                                 const std::string& device);

/// The device of a model by name. Throws Error(kUsage) with the near miss; `source` names the
/// model.
const Device& find_device(const HardwareModel& model, const std::string& name,
                          const std::string& source);

}  // namespace nas
