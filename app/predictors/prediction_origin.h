#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

// Where a column of predictions comes from, as its `BenchmarkColumn::origin` says it: the truth
// that the predictor was fitted on is read back from it.

struct PredictionOrigin {
  std::string predictor, plugin;
  std::size_t rows = 0;  ///< it was fitted on
  std::string target;    ///< "nasbench201 accuracy:dataset=cifar10,...": benchmark and column
};

/// "predictor 'forest' (xgboost, fitted on 400 rows of nasbench201 accuracy:dataset=cifar10)"
std::string to_string(const PredictionOrigin& origin);
/// nullopt for any other text.
std::optional<PredictionOrigin> parse_prediction_origin(std::string_view text);

}  // namespace nas
