#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/host_models/device_models.h"
#include "app/session/session.h"

namespace nas {

struct DeviceVerifyRequest {
  std::vector<std::string> models;  ///< of this machine, of one setting
  std::vector<PluginChoice> spaces;
  std::int64_t networks = 25;  ///< random ones of each space
  std::uint64_t seed = 1;      ///< another one than the fit's
  std::int64_t passes = 3;     ///< over all networks; the least time of each counts
};

/// How near estimates come to what is measured. The latencies are those of the networks that the
/// method can estimate.
struct VerifiedMethod {
  std::string space;   ///< "all" for all of them
  std::string method;  ///< "kernels NAME", "MACs"
  std::size_t networks = 0;
  std::size_t unknown = 0;             ///< that it cannot estimate
  double spearman = 0;                 ///< NaN where it is not defined
  double within_5 = 0, within_10 = 0;  ///< parts
  double mean_error = 0;               ///< relative
};

struct VerifiedNetwork {
  std::string space, architecture;
  double measured_ms = 0;
  std::vector<double> estimates;  ///< by method; NaN = unknown
};

struct DeviceVerification {
  std::vector<std::string> methods;
  std::vector<VerifiedMethod> rows;  ///< by space, "all" last
  std::vector<VerifiedNetwork> networks;
};

/// Measures random networks here, in turns over all of them so that a busy minute hurts none alone,
/// and compares each model with them; beside them MACs times the rate that fits best, and for
/// models of kernels a look-up of exactly the kernels that the fit has timed. Throws Error(kUsage)
/// for models of different settings.
DeviceVerification verify_device_models(Session& session, const DeviceVerifyRequest& request);

}  // namespace nas
