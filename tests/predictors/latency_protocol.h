#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/api/transfer_predictor.h"

namespace nas::test {

/// A public table of latencies: what the transfer predictor is measured on.
struct LatencyTable {
  std::unique_ptr<SearchSpace> space;
  std::vector<Architecture> architectures;
  std::map<std::string, std::vector<double>> devices;  ///< by name: one for each; -1: none
  std::vector<double> macs;                            ///< of the networks
  std::vector<std::vector<double>> costs;              ///< `cost_features`, FBNet only
};
/// hw-help-nb201/latency.csv.gz and, where `hw_bench` is not empty, the columns of
/// tab-nb201/hw_nas_bench_nb201.csv.gz beside them ("c10_edgetpu_latency").
LatencyTable read_nb201_latencies(const std::filesystem::path& help,
                                  const std::filesystem::path& hw_bench);
/// The first `rows` of hw-help-fbnet/latency.csv.gz.
LatencyTable read_fbnet_latencies(const std::filesystem::path& help, std::size_t rows);

/// One experiment: devices that are known, devices that are not, and who asks for what.
struct LatencyTask {
  std::string name;
  std::vector<std::string> sources, targets;
  std::vector<std::string> validation;  ///< devices that HELP chooses its checkpoint by
  std::vector<std::size_t> references;  ///< rows that represent a device in HELP
};
/// HELP's nine and six on NAS-Bench-201, and the compilers' two of HW-NAS-Bench.
LatencyTask nb201_task();
LatencyTask nb201_compiler_task();
/// FD (with HELP's references), FA, F1 .. F4 of NASFLAT.
std::vector<LatencyTask> fbnet_tasks();

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
