#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/int8/program.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas {

/// What a network's latency is estimated from.
struct McuWork {
  double macs = 0;
  /// Of the input: the first layers have few channels, where a multiplication costs most.
  double pixels = 0;
};

/// Clock cycles of one inference as a sum. Of one engine on one kind of core.
struct CycleModel {
  double per_mac = 0;
  double per_pixel = 0;
  double cycles(const McuWork& work) const { return per_mac * work.macs + per_pixel * work.pixels; }
};

/// A network that somebody measured.
struct McuMeasurement {
  McuWork work;
  double cycles = 0;  ///< milliseconds x kilohertz
};

/// The non-negative sum with the least squares of relative errors. Requires two measurements.
CycleModel fit_cycle_model(std::span<const McuMeasurement> measurements);

/// TinyEngine on a Cortex-M7: `fit_cycle_model` of the nine networks of the MCUNet zoo that the
/// README of mit-han-lab/tinyengine has latencies of, on an STM32H743 at 480 MHz with -Ofast. Each
/// network left out in turn is off by 3.2 % on average, at most by 6.2 %.
inline constexpr CycleModel kTinyEngineM7{.per_mac = 1.694, .per_pixel = 657.1};

/// MACs of the steps, pixels of the first input.
McuWork work_of(const MicroProgram& program);

/// Milliseconds of one inference. Throws Error(kUnsupported) for a device whose core nobody
/// published latencies of.
double mcu_latency_ms(const McuWork& work, const McuDevice& device);

}  // namespace nas
