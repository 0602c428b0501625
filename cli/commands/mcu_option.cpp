#include "cli/commands/mcu_option.h"

#include <string>
#include <vector>

#include "core/util/text.h"

namespace nas::cli {

OptionSpec mcu_device_option() {
  static const std::string kNames = [] {
    std::vector<std::string> names;
    for (const McuDevice& device : mcu_devices()) names.emplace_back(device.name);
    return join(names, "|");
  }();
  return {.name = "device",
          .value = "NAME",
          .help = "microcontroller",
          .choices = kNames,
          .standard = "stm32f746"};
}

}  // namespace nas::cli
