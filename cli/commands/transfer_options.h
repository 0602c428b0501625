#pragma once

#include <optional>
#include <vector>

#include "app/predictors/transfer_fit.h"
#include "cli/command.h"
#include "cli/context.h"

namespace nas::cli {

/// --source, --source-rows, which say what other devices teach. `needs`: of the record.
std::vector<OptionSpec> known_device_options(std::string_view needs);
/// Of --bench, --space, --target, --source, --source-rows, --option and --seed.
KnownDevices known_devices(const Arguments& arguments);

/// "undefined" where there are too few values to correlate.
Cell correlation_cell(const std::optional<double>& value);

/// `predictor fit --kind latency`.
int run_fit_latency(const Arguments& arguments, Context& context);

}  // namespace nas::cli
