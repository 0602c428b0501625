#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/fitted/predictor_store.h"
#include "app/session/session.h"
#include "core/api/benchmark.h"
#include "core/api/predictor.h"

namespace nas {

/// How well predictions order what they predict. A correlation is absent where it is undefined: a
/// predictor that gives all architectures the same value orders nothing, which is not "0".
struct PredictorScore {
  std::size_t samples = 0;
  std::optional<double> spearman, kendall, pearson;  ///< Kendall's tau-b
  /// Of the best `ndcg_k`; relevance is the target scaled to [0, 1], best = 1.
  std::optional<double> ndcg;
  std::size_t ndcg_k = 10;
  bool constant = false;  ///< all predictions are equal
};
PredictorScore score_predictions(std::span<const double> targets,
                                 std::span<const Prediction> predictions, bool maximize,
                                 std::size_t ndcg_k = 10);

struct PredictorFit {
  std::string name;
  PluginChoice plugin;
  std::string benchmark;
  std::string target;                 ///< column query
  std::vector<std::string> features;  ///< column queries; "proxies" = every column of a proxy
  std::int64_t train = 0;             ///< rows to learn from; 0: by fraction
  double train_fraction = 0.8;        ///< of the rows that have the target
  std::int64_t test = 0;              ///< at most this many held-out rows are judged; 0 = all
  std::uint64_t seed = 0;
  bool replace = false;  ///< an existing predictor of this name
};

struct PredictorFitReport {
  PredictorRow row;
  PredictorScore held_out;
  std::size_t left_out = 0;          ///< rows without a finite target
  std::size_t without_features = 0;  ///< rows with a target that were never scored: left out
  std::size_t incomplete_rows = 0;   ///< used rows of which a feature is missing or failed
  double fit_seconds = 0, predict_seconds = 0;
};

/// Draws rows by seed, fits, judges on rows that were not drawn, writes
/// <directory of the store>/predictors/NAME.safetensors and NAME.json (each whole or not at all),
/// then the row. Throws Error(kUsage) for a name that is taken or no plain file name, for a
/// benchmark of no known space, and for fewer rows than asked for.
PredictorFitReport fit_predictor(Session& session, const PredictorFit& request);

/// Judges on rows the predictor has not learned from: of its own benchmark (another target of it
/// where one is given), or all rows of another one.
PredictorScore evaluate_predictor(Session& session, const StoredPredictor& stored,
                                  const std::string& benchmark, const std::string& target,
                                  std::int64_t test, std::size_t ndcg_k);

/// Predictions for architectures; `benchmark` ("" = the predictor's own) gives their features.
std::vector<Prediction> apply_predictor(Session& session, const StoredPredictor& stored,
                                        std::span<const Architecture> architectures,
                                        const std::string& benchmark);

/// Predictions for all rows of a benchmark, stored as a column of it. Returns the column.
BenchmarkColumn add_predictions(Session& session, const StoredPredictor& stored,
                                const std::string& benchmark);

}  // namespace nas
