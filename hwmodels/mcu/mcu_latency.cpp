#include "hwmodels/mcu/mcu_latency.h"

#include <string>
#include <vector>

#include "core/util/error.h"
#include "hwmodels/non_negative_fit.h"

namespace nas {

CycleModel fit_cycle_model(std::span<const McuMeasurement> measurements) {
  NAS_CHECK(measurements.size() >= 2, "two unknowns");
  std::vector<double> rows, targets;
  for (const McuMeasurement& measured : measurements) {
    rows.push_back(measured.work.macs / measured.cycles);
    rows.push_back(measured.work.pixels / measured.cycles);
    targets.push_back(1);
  }
  const std::vector<double> found = fit_non_negative(rows, 2, targets);
  return {found[0], found[1]};
}

McuWork work_of(const MicroProgram& program) {
  McuWork work{.macs = static_cast<double>(micro_macs(program))};
  if (program.inputs.empty()) return work;
  const auto& image = program.tensors[static_cast<std::size_t>(program.inputs.front())].dims;
  if (image.size() == 4) work.pixels = static_cast<double>(image[1] * image[2]);
  return work;
}

double mcu_latency_ms(const McuWork& work, const McuDevice& device) {
  if (device.core != McuCore::kCortexM7) {
    throw Error(ErrorKind::kUnsupported,
                "no latencies are known of " + std::string(device.title) +
                    "; those of a Cortex-M7 are estimated. Measurements belong to a device of your "
                    "own: nasctl device add NAME, then nasctl device import NAME FILE, then "
                    "latency_ms@NAME");
  }
  const double kilohertz = 1000.0 * device.megahertz;
  return kTinyEngineM7.cycles(work) / kilohertz;
}

}  // namespace nas
