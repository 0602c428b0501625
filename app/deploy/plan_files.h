#pragma once

#include <string>

namespace nas {

struct Deployment;

/// {"schema": "searchlight.memory_plan", "version": 1, "network", "engine", "arena_bytes",
/// "lower_bound_bytes", "optimal", "order_optimal", "tensors": [{"tensor", "name", "bytes",
/// "offset", "first_step", "last_step"}], "steps": [{"step", "operator", "output", "live_bytes"}]}
std::string plan_json(const Deployment& deployment);

/// The same for people: a line for each tensor with where and when it lives, a line for each step.
std::string plan_text(const Deployment& deployment);

}  // namespace nas
