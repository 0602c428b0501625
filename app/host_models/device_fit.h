#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/host_models/device_models.h"
#include "app/host_models/measurement_log.h"
#include "app/session/session.h"

namespace nas {

struct DeviceFitRequest {
  std::string name;
  std::string kind = "kernels";  ///< or "roofline"
  std::vector<PluginChoice> spaces;
  std::int64_t networks = 25;  ///< random ones of each space
  std::int64_t rounds = 3;     ///< of more samples where the trees miss; of "kernels"
  std::int64_t samples = 10;   ///< perturbed kernels for each one that is missed
  std::int64_t batch = 1;
  std::int64_t threads = 1;
  std::uint64_t seed = 0;
  bool replace = false;  ///< measures anew; a model of this name stays until the new one is there
};

struct DeviceFitOutcome {
  bool stopped = false;     ///< the rest holds otherwise
  StoredDeviceModel model;  ///< empty where stopped
  std::vector<TimedPair> pairs;
  std::size_t networks = 0, kernels = 0, strips = 0;
  double measuring_seconds = 0, fitting_seconds = 0;  ///< of this call
};

/// Fits a model of this machine and stores it: finds out by experiment which operations are fused,
/// times random networks of the spaces with the kernels inside of them, each twice in turns over
/// all of them, then in rounds perturbed kernels around those that the trees miss by more than 10
/// %. Every timing is kept at once; the same call resumes a fit that was stopped or killed, with
/// the same plan. Throws Error(kUsage) for a name that is taken, another kind or too few networks.
DeviceFitOutcome fit_device(Session& session, const DeviceFitRequest& request);

/// The network `number` of the plan of a fit: spaces take turns.
struct PlannedNetwork {
  const SearchSpace* space = nullptr;
  Architecture architecture;
};
PlannedNetwork planned_network(Session& session, const std::vector<PluginChoice>& spaces,
                               std::uint64_t seed, std::size_t number);

}  // namespace nas
