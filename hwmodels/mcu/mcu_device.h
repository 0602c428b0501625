#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hwmodels/mcu/engine_rules.h"

namespace nas {

enum class McuCore : std::uint8_t { kCortexM4, kCortexM7 };

/// A microcontroller: what a network may use of it, and the engine that runs it there.
struct McuDevice {
  std::string_view name;   ///< in metrics, "sram_bytes@stm32f746"
  std::string_view title;  ///< "STM32F746, Cortex-M7 at 216 MHz"
  std::int64_t sram_bytes = 0;
  std::int64_t flash_bytes = 0;
  McuCore core = McuCore::kCortexM7;
  int megahertz = 0;
  const EngineRules& engine;
};

std::span<const McuDevice> mcu_devices();
/// nullptr for an unknown name.
const McuDevice* find_mcu_device(std::string_view name);
/// Throws Error(kUsage) with the near miss.
const McuDevice& mcu_device(std::string_view name);

}  // namespace nas
