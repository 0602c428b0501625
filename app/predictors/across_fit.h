#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/predictors/predictors.h"
#include "app/session/session.h"
#include "core/api/transfer_predictor.h"

namespace nas {

// The accuracy of networks in a space, from labels of other spaces and few or none of its own.

struct AcrossFit {
  std::string name;
  PluginChoice plugin{"across", {}};  ///< any that is a TransferPredictor
  std::string benchmark;              ///< of the new space; "" = there is none
  std::string space;                  ///< needed if no benchmark is given
  std::string target;                 ///< column query; the benchmark may lack it
  bool across = true;                 ///< learn from other spaces
  /// "BENCHMARK", or "BENCHMARK COLUMN" where it has several columns of the metric; empty: all
  /// benchmarks of other spaces in which one column is meant.
  std::vector<std::string> sources;
  std::int64_t source_rows = 20'000;  ///< at most, of each source, drawn by seed
  /// CSV with the columns "architecture" and the metric: labels of the new space. Empty: `labels`
  /// rows of the benchmark are taken as if they had just been trained.
  std::filesystem::path measured;
  std::int64_t labels = 0;  ///< 0: none, zero-shot
  std::uint64_t seed = 0;
  bool replace = false;
};

/// How well it does on rows that it did not learn from.
struct AcrossScore {
  PredictorScore score;
  std::optional<double> best_fifth;  ///< Spearman within the truly best fifth
  std::optional<double> macs;        ///< Spearman of the MACs without what is dead, same rows
};

struct AcrossFitReport {
  PredictorRow row;
  std::vector<std::string> sources;  ///< "BENCHMARK COLUMN (rows)"
  std::size_t labels = 0;
  std::optional<LeaveOneOut> left_out;  ///< of the labels, from three on
  std::optional<double> loo_spearman;
  std::optional<AcrossScore> held_out;  ///< where the benchmark has the target
  std::vector<std::string> findings;    ///< TransferPredictor::findings
  std::vector<std::string> notes;       ///< what was left out, and why
  double fit_seconds = 0;
};

/// Learns and keeps the predictor (as `fit_predictor` does). The labels of the benchmark are those
/// that the predictor suggests among 500 random rows. Throws Error(kUsage | kData) in one line: no
/// source, an ambiguous column, no label where nothing else is learned from.
AcrossFitReport fit_across(Session& session, const AcrossFit& request);

}  // namespace nas
