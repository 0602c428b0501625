#pragma once

#include <memory>
#include <vector>

#include "app/session/session.h"
#include "app/study/study_config.h"
#include "core/api/evaluation.h"
#include "core/api/latency_model.h"

namespace nas {

/// "cost": params, macs (the space's published convention), activation_bytes (peak of one inference
/// of one sample). Not reusable for an equal digest: dead nodes count in the published numbers.
std::unique_ptr<Evaluator> make_cost_evaluator(const SearchSpace& space, const Task& task);

/// "latency": latency_ms on `device` by `model`.
std::unique_ptr<Evaluator> make_latency_evaluator(std::unique_ptr<LatencyModel> model,
                                                  const Device& device, const SearchSpace& space,
                                                  const Task& task);

/// The network that cost and latency mean: the final recipe's on the study's data, else the space's
/// published one.
Task study_task(Session& session, const StudyConfig& config);

/// The evaluators a study needs, cheapest first. Requires a resolved configuration.
std::vector<std::unique_ptr<Evaluator>> make_evaluators(Session& session,
                                                        const StudyConfig& config);

}  // namespace nas
