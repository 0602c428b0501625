#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/api/plugin.h"
#include "core/api/predictor.h"

namespace nas {

/// All built-in records, in the order of the list in predictors/CMakeLists.txt.
std::span<const Plugin<Predictor>* const> predictor_plugins();

/// Throws Error(kUsage) with the near miss for an unknown name, or for options that do not fit.
/// Serves as a PredictorFactory.
std::unique_ptr<Predictor> make_predictor(std::string_view name, const OptionMap& options);

}  // namespace nas
