#pragma once

#include "cli/command.h"
#include "cli/context.h"

namespace nas::cli {

/// `predictor fit --kind accuracy`.
int run_fit_accuracy(const Arguments& arguments, Context& context);

}  // namespace nas::cli
