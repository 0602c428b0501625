#pragma once

#include <string>

#include "benchmarks/bare_store.h"

namespace nas::benchmark {

/// Claims and completes trials with three metrics each by calling libpq directly: the two calls of
/// the store, with the same rows, without error handling or abstraction. What the store costs
/// beyond this is our own doing.
void run_bare_postgres_trials(const std::string& uri, const Share& share);

}  // namespace nas::benchmark
