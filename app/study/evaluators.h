#pragma once

#include <memory>
#include <vector>

#include "app/session/session.h"
#include "app/study/study_config.h"
#include "core/api/evaluation.h"
#include "core/api/problem.h"

namespace nas {

/// The network that cost and latency mean: the final recipe's on the study's data, else the space's
/// published one.
Task study_task(Session& session, const StudyConfig& config);

/// Of the problem's metrics: a training, or the fit of a problem that fits its architectures
/// itself.
std::unique_ptr<Evaluator> make_quality_evaluator(const std::shared_ptr<const Problem>& problem,
                                                  const Recipe& recipe, const SearchSpace& space);

/// Who measures on devices of other machines.
enum class Measuring {
  kHere,       ///< nobody: a study that needs one is refused
  kByWorkers,  ///< workers there; here it is only known what they give
};

/// The evaluators a study needs, cheapest first. Requires a resolved configuration.
std::vector<std::unique_ptr<Evaluator>> make_evaluators(Session& session, const StudyConfig& config,
                                                        Measuring measuring = Measuring::kHere);

}  // namespace nas
