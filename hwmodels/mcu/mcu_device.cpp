#include "hwmodels/mcu/mcu_device.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kKb = 1024, kMb = 1024 * kKb;

// Sizes as published results count them: MCUNet, Lin et al. 2020, section 4, and the README of
// mit-han-lab/tinyengine, which counts the largest bank of the STM32H743.
constexpr McuDevice kDevices[] = {
    {"stm32f412", "STM32F412, Cortex-M4 at 100 MHz", 256 * kKb, 1 * kMb, McuCore::kCortexM4, 100,
     kTinyEngine},
    {"stm32f746", "STM32F746, Cortex-M7 at 216 MHz", 320 * kKb, 1 * kMb, McuCore::kCortexM7, 216,
     kTinyEngine},
    {"stm32f765", "STM32F765, Cortex-M7 at 216 MHz", 512 * kKb, 2 * kMb, McuCore::kCortexM7, 216,
     kTinyEngine},
    {"stm32h743", "STM32H743, Cortex-M7 at 480 MHz", 512 * kKb, 2 * kMb, McuCore::kCortexM7, 480,
     kTinyEngine},
    {"nrf52840", "nRF52840, Cortex-M4 at 64 MHz", 256 * kKb, 1 * kMb, McuCore::kCortexM4, 64,
     kTinyEngine},
};

}  // namespace

std::span<const McuDevice> mcu_devices() {
  return kDevices;
}

const McuDevice* find_mcu_device(std::string_view name) {
  const auto* found = std::ranges::find(kDevices, name, &McuDevice::name);
  return found == std::end(kDevices) ? nullptr : found;
}

const McuDevice& mcu_device(std::string_view name) {
  if (const McuDevice* device = find_mcu_device(name)) return *device;
  std::vector<std::string> names;
  for (const McuDevice& device : kDevices) names.emplace_back(device.name);
  throw Error(ErrorKind::kUsage, unknown_name("microcontroller", name, names));
}

}  // namespace nas
