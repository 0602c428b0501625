#pragma once

#include "app/study/study_config.h"
#include "cli/context.h"

namespace nas::cli {

/// Notes a metric with an origin that is neither an objective nor a constraint.
void say_recorded(const StudyConfig& config, Context& context);

/// Notes that this machine is busy, where a study measures latencies on it.
void say_load(const StudyConfig& config, Context& context);

}  // namespace nas::cli
