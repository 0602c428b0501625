#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "hwmodels/device_model.h"

namespace nas {

/// What was timed on a device.
struct DeviceMeasurements {
  struct KernelTime {
    std::uint32_t kernel = 0;  ///< in `kernels`
    double milliseconds = 0;
    std::uint32_t network = kNoNetwork;  ///< in `networks`, of whose passes it was a part
  };
  struct NetworkTime {
    std::vector<std::uint32_t> kernels;  ///< in the order in which they run
    double milliseconds = 0;             ///< of a pass
  };
  static constexpr std::uint32_t kNoNetwork = std::numeric_limits<std::uint32_t>::max();

  std::vector<Kernel> kernels;  ///< each once
  std::vector<KernelTime> times;
  std::vector<NetworkTime> networks;
};

struct DeviceModelFit {
  std::string kind = "kernels";  ///< or "roofline", which needs the networks alone
  Device device{};
  std::int64_t batch = 1;
  FusionRules rules{};
  std::uint64_t seed = 0;
  std::function<void()> before_round{};  ///< before each tree; may throw to stop
};

/// Throws Error(kUsage) for fewer networks than a fit needs, which are 10.
void check_fit_networks(std::size_t networks);

/// Fits on everything, and five times without a fifth of the networks for `errors`. Throws
/// Error(kUsage) for fewer than 10 networks, Error(kNumeric) for times that are not positive.
DeviceModelState fit_device_model(const DeviceModelFit& fit, const DeviceMeasurements& data);

/// The kernels, by their numbers, that trees fitted to four fifths of the kernels miss by more than
/// `tolerance` of their time: where more samples are needed (nn-Meter, section 5).
std::vector<std::uint32_t> missed_kernels(const DeviceModelFit& fit, const DeviceMeasurements& data,
                                          double tolerance);

}  // namespace nas
