#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

/// What a value of a device refers to beside the device's name: how networks run there, and on
/// what. Two devices with different settings are two devices, whatever their names. As text, which
/// is `Device::settings`:
///
///   batch=1,threads=2,precision=float32,runtime=libtorch 1.13.1,machine=lab-3 (AMD EPYC AVX512 x2)
///
/// What is not known is left out; the machine comes last and may hold commas.
struct DeviceSettings {
  std::optional<std::int64_t> batch{};    ///< samples in a pass, [1, 4096]
  std::optional<std::int64_t> threads{};  ///< [1, 4096]
  std::string precision{};                ///< "float32", "bfloat16", "int8"
  std::string runtime{};                  ///< what runs the network, with its version
  std::string machine{};
  friend bool operator==(const DeviceSettings&, const DeviceSettings&) = default;
};

std::string to_text(const DeviceSettings& settings);

/// Throws Error(kUnsupported) for an unknown setting and for a number out of its range.
DeviceSettings parse_device_settings(std::string_view text);

/// What can be read of a text of any form, key by key as migration 8 of the database does: batch
/// and threads are the digits in front, of any size; unknown keys are left out.
DeviceSettings known_settings(std::string_view text);

}  // namespace nas
