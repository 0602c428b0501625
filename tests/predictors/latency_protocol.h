#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/api/transfer_predictor.h"
#include "tests/predictors/latency_tables.h"

namespace nas::test {

struct LatencyProtocol {
  std::size_t pool = 900;         ///< rows [0, pool): measured ones come from here
  std::size_t source_rows = 900;  ///< rows that were measured on the sources
  std::size_t queries = 1000;     ///< rows [pool, pool + queries)
  std::size_t samples = 10;
  std::size_t candidates = 500;  ///< random ones of the pool, of which the samples are chosen
  bool designed = true;          ///< the predictor chooses; otherwise the samples are random
  /// HELP's published protocol: random samples come from the middle 80 % of the pool by latency,
  /// and where `whole_pool` is set the references and all others of the pool follow them.
  bool middle_pool = false, whole_pool = false;
  std::uint64_t seeds = 20;
  // What is fitted to the sources.
  std::string predictor = "transfer";
  OptionMap options = {};
  std::uint64_t fit_seed = 0;
};
/// The published choices of HELP for a task: its references, and as many devices of validation as
/// it has. They go with `fit_sources` of a protocol whose predictor is help.
OptionMap help_options(const LatencyTable& table, const LatencyTask& task);

/// Means over the draws. Rank correlations are Spearman's.
struct LatencyScore {
  double all = 0;                 ///< over all queries
  double middle = 0;              ///< over the middle 80 % by latency, HELP's queries
  double worst = 1;               ///< draw, of `middle`
  double worst_all = 1;           ///< draw, of `all`
  double within_10 = 0;           ///< part predicted to a tenth
  double covered[3] = {0, 0, 0};  ///< parts inside the 50, 80 and 95 % intervals
  // On the same samples and queries (`middle`, then all):
  double ridge = 0, ridge_all = 0;    ///< ridge regression, penalty 0.2, on counts of
                                      ///< operations (FBNet: on costs)
  double source = 0, source_all = 0;  ///< the table of the source that orders the samples best
  double macs = 0, macs_all = 0;
};

/// The predictor of the protocol, fitted to the sources (help: and the devices of validation).
std::unique_ptr<Predictor> fit_sources(const LatencyTable& table, const LatencyTask& task,
                                       const LatencyProtocol& protocol);
/// By target, with a predictor that was fitted to the sources.
std::map<std::string, LatencyScore> run_protocol(const LatencyTable& table, const LatencyTask& task,
                                                 const LatencyProtocol& protocol,
                                                 TransferPredictor& predictor);
/// The two in turn.
std::map<std::string, LatencyScore> run_protocol(const LatencyTable& table, const LatencyTask& task,
                                                 const LatencyProtocol& protocol);
/// Means; the worst of the worst draws.
LatencyScore mean_of(const std::map<std::string, LatencyScore>& scores);

}  // namespace nas::test
