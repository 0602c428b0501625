#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "hwmodels/device_model.h"

namespace nas {

inline constexpr std::string_view kDeviceModel = "device_model";  ///< the kind of its artifact

/// A fitted model as its row says; the model is in the file.
struct StoredDeviceModel {
  ArtifactRow row;
  std::unique_ptr<DeviceModel> model;

  /// "kernels=NAME; sha256=16 digits": in fidelities.
  std::string identity() const;
  const Device& device() const { return model->state().device; }
};

bool has_device_model(Session& session, const std::string& name);
/// Throws Error(kUsage) with the near miss for an unknown name, Error(kIo | kData) for a file that
/// is missing, changed or damaged.
StoredDeviceModel load_device_model(Session& session, const std::string& name);
std::vector<ArtifactRow> device_models(Session& session);  ///< by name

/// Writes <directory of the store>/devices/NAME.json whole or not at all, then the row. `info`:
/// JSON.
StoredDeviceModel keep_device_model(Session& session, const std::string& name,
                                    DeviceModelState state, const std::string& info);

/// <directory of the store>/devices/NAME.measurements.jsonl; with ".new" behind it those of a fit
/// that is to replace it.
std::filesystem::path measurement_path(Session& session, const std::string& name);

}  // namespace nas
