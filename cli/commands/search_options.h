#pragma once

#include <vector>

#include "cli/command.h"

namespace nas::cli {

/// What `search run` takes: each field of a study file, and how the search is run.
std::vector<OptionSpec> search_run_options();

}  // namespace nas::cli
