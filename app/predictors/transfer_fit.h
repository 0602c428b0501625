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

// A metric of a device that was never seen ("latency_ms@mine"), from a few measurements and what
// other devices say about the same networks.

/// What is known beside the new device.
struct KnownDevices {
  std::string benchmark;             ///< with columns METRIC@DEVICE; "" = none is known
  std::string space;                 ///< needed if no benchmark is given
  std::string target;                ///< "latency_ms@mine": the new device's
  std::vector<std::string> sources;  ///< column queries; empty: all columns of the metric that are
                                     ///< of other devices and no predictions
  std::int64_t source_rows = 900;    ///< rows of each source that its model learns from
  /// A TransferPredictor: transfer, help.
  std::string plugin = "transfer";
  OptionMap options;  ///< of the plug-in
  std::uint64_t seed = 0;
};

struct TransferFit {
  std::string name;
  KnownDevices known;
  /// CSV with the columns "architecture" and the metric; empty: the benchmark has the target, and
  /// `samples` of its rows are taken as if they had just been measured.
  std::filesystem::path measured;
  std::int64_t samples = 10;
  bool replace = false;
};

/// How well it does on rows that it did not learn from; beside it what is simpler, on the same
/// samples.
struct TransferScore {
  std::size_t judged = 0;
  std::optional<double> spearman, ridge_spearman, source_spearman;
  std::string best_source;  ///< which orders the samples best
  double within_10_percent = 0;
  double within_50 = 0, within_80 = 0, within_95 = 0;  ///< parts inside these intervals
};

struct TransferFitReport {
  PredictorRow row;
  std::vector<std::string> sources;  ///< column texts
  std::size_t measured = 0;
  LeaveOneOut left_out;                   ///< of the measurements themselves
  std::optional<double> loo_spearman;     ///< over them
  std::optional<TransferScore> held_out;  ///< where the benchmark has the target
  std::vector<std::string> findings;      ///< TransferPredictor::findings
  std::vector<std::string> notes;         ///< what was left out, and why
  double fit_seconds = 0;
};

/// Learns and keeps the predictor (as `fit_predictor` does). Throws Error(kUsage | kData) in one
/// line for measurements that are missing, not positive or all equal, sources without a
/// measurement, ambiguous devices, a table that lacks a column.
TransferFitReport fit_transfer(Session& session, const TransferFit& request);

struct Suggestion {
  std::vector<std::string> architectures;  ///< in the order of what they tell
  std::string metric;                      ///< "latency_ms"
  std::vector<std::string> notes;
};

/// Which networks to measure next on the new device: of `candidates` random ones (rows of the
/// benchmark, else of the space), those of which least is known. `measured`: what there is already.
Suggestion suggest_measurements(Session& session, const KnownDevices& known,
                                const std::filesystem::path& measured, std::int64_t count,
                                std::int64_t candidates);

}  // namespace nas
