#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "core/api/device_settings.h"

namespace nas {

/// The name of this machine as it is measured without further words.
inline constexpr std::string_view kThisHost = "host";

/// Kinds of devices, for help: "cpu|gpu|...".
inline constexpr std::string_view kDeviceKinds = "cpu|gpu|npu|mcu|fpga|asic|simulator|table";

/// Throws Error(kUsage) for anything but up to 100 letters, digits, '-', '_' and '.': a device's
/// name stands in metrics, "latency_ms@NAME".
void check_device_name(std::string_view name);

/// Gives a device its name in the store. Without a machine it is this one, with the runtime of this
/// program. Throws Error(kUsage) for "host", which is every machine's own name, for a name that
/// another device has (both settings are named) and for a precision that this machine does not
/// measure.
Device add_device(Session& session, const std::string& name, const std::string& kind,
                  DeviceSettings settings);

/// The device that somebody added under this name.
std::optional<Device> added_device(Session& session, std::string_view name);

/// The device of this name: the one that was added, this host, or the only one that values refer
/// to. Throws Error(kUsage) with the near miss, or with the settings of all that have the name.
Device known_device(Session& session, const std::string& name);

/// What is known of a device's settings; nothing where their text is of another form.
DeviceSettings settings_of(const Device& device);

}  // namespace nas
