#pragma once

#include "app/study/study_config.h"
#include "cli/context.h"

namespace nas::cli {

/// Notes on what a study will do that its user may not expect.
void say_before_run(const StudyConfig& config, Context& context);

}  // namespace nas::cli
