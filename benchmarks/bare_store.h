#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nas::benchmark {

/// What trial `number` of the benchmark stores. Every architecture is new, as in the large spaces:
/// the costly case.
struct BenchmarkTrial {
  std::string text;                      ///< like a NAS-Bench-201 string
  std::array<std::uint64_t, 2> words{};  ///< of the digest
  std::string digest;                    ///< the same as 32 digits
  double accuracy = 0;
  std::int64_t params = 0;
  double latency_ms = 0;
};
BenchmarkTrial benchmark_trial(std::int64_t number);

/// The part of the work of one process: trials first, first + step, ... below end.
struct Share {
  std::int64_t study_id = 0;
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t end = 0;
};

/// Claims and completes trials with three metrics each by calling SQLite directly on the tables of
/// a database that Searchlight made: the same statements and rows as the store, in the same two
/// transactions a trial, without error handling or abstraction. What the store costs beyond this is
/// our own doing.
void run_bare_trials(const std::string& path, const Share& share);

}  // namespace nas::benchmark
