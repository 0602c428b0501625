#pragma once

#include <array>
#include <memory>

#include "app/study/metric_origin.h"
#include "core/util/options.h"

namespace nas {

/// What follows the name of a model of a device.
struct DeviceEstimate {
  double quantile = 0;
};
inline constexpr std::array kDeviceEstimateFields{
    Field<DeviceEstimate>{.name = "quantile",
                          .member = &DeviceEstimate::quantile,
                          .meaning = "what so large a part of networks stays below, by those that "
                                     "the fit held out; 0 = the estimate itself",
                          .min = 0,
                          .max = 1},
};

/// The origins "roofline:NAME" and "kernels:NAME", both with [:quantile=0.95]: latency_ms@host by a
/// model of this machine (nasctl device fit). Throws Error(kUsage) for another metric or device,
/// for a model of the other kind and for a quantile that it cannot tell.
std::unique_ptr<Evaluator> make_device_model_evaluator(Session& session, const SearchSpace& space,
                                                       const Task& task,
                                                       const MetricOrigin& origin);

/// The origin "power:WATTS:KIND:WHERE": energy_mj@DEVICE as watts times the latency that
/// KIND:WHERE gives, a model of a device whose power does not depend on the network. Its values say
/// so.
std::unique_ptr<Evaluator> make_power_evaluator(Session& session, const SearchSpace& space,
                                                const Task& task, const MetricOrigin& origin);

}  // namespace nas
