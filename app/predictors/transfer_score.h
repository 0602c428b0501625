#pragma once

#include <span>
#include <string>

#include "app/predictors/transfer_fit.h"

namespace nas {

/// How forecasts fit the truth, one for each; without the baselines.
TransferScore score_of(std::span<const Forecast> forecasts, std::span<const double> truth);
/// What is kept of a fit beside the predictor, as JSON.
std::string score_json(const TransferFitReport& report);

}  // namespace nas
