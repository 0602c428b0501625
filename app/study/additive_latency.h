#pragma once

#include <memory>
#include <span>
#include <vector>

#include "app/study/study_config.h"
#include "core/api/evaluation.h"
#include "core/api/prepared_searcher.h"

namespace nas {

/// An evaluator of a latency that is a sum over the parts of a network. Optional (dynamic_cast).
class SummedLatency {
 public:
  virtual ~SummedLatency() = default;
  /// Of all networks of the space that it judges. Throws Error(kData) that names the part which the
  /// table lacks, Error(kUnsupported) for a space without a blueprint.
  virtual AdditiveCost additive_cost() const = 0;
};

/// Those of the latencies that objectives and constraints name which are sums. The evaluators must
/// outlive them.
std::vector<AdditiveLatency> additive_latencies(
    std::span<const std::unique_ptr<Evaluator>> evaluators, const StudyConfig& config);

}  // namespace nas
