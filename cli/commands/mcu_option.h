#pragma once

#include "cli/command.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas::cli {

/// --device NAME: one of the microcontrollers that `mcu_devices` lists.
OptionSpec mcu_device_option();

}  // namespace nas::cli
