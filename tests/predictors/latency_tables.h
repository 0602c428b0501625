#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/api/search_space.h"

namespace nas::test {

/// A public table of latencies: what the transfer predictor is measured on.
struct LatencyTable {
  std::unique_ptr<SearchSpace> space;
  std::vector<Architecture> architectures;
  std::map<std::string, std::vector<double>> devices;  ///< by name: one for each; -1: none
  std::vector<double> macs;                            ///< of the networks
  std::vector<std::vector<double>> costs;              ///< `cost_features`; spaces without cells
};
/// hw-help-nb201/latency.csv.gz and, where `hw_bench` is not empty, the columns of
/// tab-nb201/hw_nas_bench_nb201.csv.gz beside them ("c10_edgetpu_latency").
LatencyTable read_nb201_latencies(const std::filesystem::path& help,
                                  const std::filesystem::path& hw_bench);
/// The first `rows` of hw-help-fbnet/latency.csv.gz.
LatencyTable read_fbnet_latencies(const std::filesystem::path& help, std::size_t rows);
/// The first `rows` of hw-help-ofa/latency.csv.gz: MobileNetV3 of Once-for-All, width 1.2.
LatencyTable read_ofa_latencies(const std::filesystem::path& help, std::size_t rows);

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
/// HELP's nine settings of three GPUs, and one of a fourth, on Once-for-All.
LatencyTask ofa_task();

/// What HELP measures before it searches under a limit: the references, and the fastest and the
/// slowest of the rows [0, pool) by rank on the sources.
std::vector<std::size_t> search_measurements(const LatencyTable& table, const LatencyTask& task,
                                             std::size_t pool);

}  // namespace nas::test
