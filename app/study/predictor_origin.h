#pragma once

#include <memory>

#include "app/study/metric_origin.h"

namespace nas {

/// The origin "predictor:NAME". A predictor of a new device is asked in the space that it learned
/// where its options are known, by the architecture's text; others in the study's. Throws
/// Error(kUsage) for a predictor of another space, of networks of other settings (another width),
/// of another metric or device, and of one that reads columns of a benchmark; else as
/// `load_predictor`.
std::unique_ptr<Evaluator> make_predictor_evaluator(Session& session, const SearchSpace& space,
                                                    const Task& task, const MetricOrigin& origin);

}  // namespace nas
