#pragma once

#include <vector>

#include "core/util/options.h"
#include "predictors/gennape/ensemble.h"

namespace nas {

// The options of the predictor `gennape`, by name.

/// Throws Error(kUsage) in one line for what does not fit, a wrong member too.
GennapeOptions parse_gennape(const OptionMap& options);
OptionMap gennape_options(const GennapeOptions& options);
std::vector<FieldDoc> gennape_fields();

}  // namespace nas
