#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "app/fitted/predictor_store.h"
#include "app/predictors/predictors.h"
#include "app/predictors/transfer_fit.h"
#include "app/session/session.h"

namespace nas {

/// How forecasts fit the truth, one for each; without the baselines.
TransferScore score_of(std::span<const Forecast> forecasts, std::span<const double> truth);
/// How a predictor does on networks that the user measured, other than those it learned from.
struct MeasuredScore {
  PredictorScore order;
  std::optional<TransferScore> forecast;  ///< of predictors that say how sure they are
};
/// `file`: as `read_measurements` says, with the metric that the predictor predicts. Throws as that
/// and as `apply_predictor`.
MeasuredScore judge_measurements(Session& session, const StoredPredictor& stored,
                                 const std::filesystem::path& file, std::size_t ndcg_k);

/// What is kept of a fit beside the predictor, as JSON.
std::string score_json(const TransferFitReport& report);

}  // namespace nas
