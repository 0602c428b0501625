#pragma once

#include <optional>
#include <vector>

#include "app/study/queue_place.h"
#include "cli/command.h"

namespace nas::cli {

/// What `search run` takes: each field of a study file, and how the search is run.
std::vector<OptionSpec> search_run_options();

// Who evaluates the trials, of `search run` and `search resume`.
OptionSpec queue_option();
OptionSpec local_workers_option();
OptionSpec lease_option();
std::optional<QueueChoice> queue_choice(const Arguments& arguments);

}  // namespace nas::cli
