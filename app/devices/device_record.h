#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "core/api/device_settings.h"
#include "core/api/device_store.h"

namespace nas {

/// The name of this machine as it is measured without further words.
inline constexpr std::string_view kThisHost = "host";

/// Kinds of devices, for help: "cpu|gpu|...".
inline constexpr std::string_view kDeviceKinds = "cpu|gpu|npu|mcu|fpga|asic|simulator";

/// Gives a device its name in the store; the name stands in metrics, "latency_ms@NAME". Without a
/// machine it is this one, a "cpu" with the runtime of this program. Throws Error(kUsage) for a
/// name that `check_plain_name` refuses, for "host", which is every machine's own name, for a name
/// that another device has (both settings are named), for an unknown kind, and for a kind, runtime
/// or precision that this machine does not have.
Device add_device(Session& session, const std::string& name, const std::string& kind,
                  DeviceSettings settings);

/// The device that somebody added under this name.
std::optional<Device> added_device(Session& session, std::string_view name);

/// The device of this name: the one that was added, this host, or the only one that values refer
/// to. Throws Error(kUsage) with the near miss, or with the settings of all that have the name.
Device known_device(Session& session, const std::string& name);

/// Throws Error(kUsage) for a device that this program cannot measure: of another machine, or of an
/// engine that is not here.
void require_this_host(const Device& device);

/// Was it measured as everything is unless it says more: a value of a fidelity, such as cold
/// caches, is of something else.
bool is_plain_measurement(const DeviceValue& value);

}  // namespace nas
