#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/fitted/predictor_files.h"
#include "app/session/session.h"
#include "core/api/predictor.h"
#include "core/api/store.h"

namespace nas {

std::optional<PredictorRow> find_predictor(const Store& store, const std::string& name);

/// Names of the predictors that learned from a benchmark of the store.
std::vector<std::string> predictors_fitted_on(const Store& store, std::string_view benchmark);

/// Throws Error(kUsage) for a name that is no plain file name, and for one that is taken unless
/// `replace`.
void check_new_predictor(Session& session, const std::string& name, bool replace);

/// Writes <directory of the store>/predictors/NAME.safetensors and NAME.json, then the row.
/// `report` is JSON: correlations on held-out architectures.
PredictorRow keep_predictor(Session& session, const PredictorFile& file, const std::string& report);

/// A predictor as it was stored. Throws Error(kUsage) with the near miss for an unknown name,
/// Error(kData | kIo) in one line for files that are missing, changed or damaged.
struct StoredPredictor {
  PredictorRow row;
  std::string benchmark;
  std::string target;  ///< column text
  std::vector<std::string> features;
  std::size_t train = 0;
  std::size_t seen = 0;  ///< rows of the draw up to the last one learned from
  std::unique_ptr<Predictor> predictor;
  const SearchSpace* space = nullptr;
};
StoredPredictor load_predictor(Session& session, const std::string& name);

}  // namespace nas
