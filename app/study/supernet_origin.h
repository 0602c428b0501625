#pragma once

#include <memory>

#include "app/study/metric_origin.h"

namespace nas {

/// The origin "supernet:NAME[:samples=1000,...]": a metric of its problem, or the loss, of subnets
/// with the weights of a supernet. Throws Error(kUsage) for a supernet of another space and a
/// metric that it does not give, else as `open_supernet`.
std::unique_ptr<Evaluator> make_supernet_evaluator(Session& session, const SearchSpace& space,
                                                   const Task& task, const MetricOrigin& origin);

}  // namespace nas
