#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

namespace nas {

/// Independent jobs: several threads compute, the calling one keeps what they found.
struct ParallelJobs {
  std::int64_t threads = 1;
  std::stop_token stop{};
  /// On each thread before its first job; empty: nothing. Jobs that use LibTorch ask for one thread
  /// each here.
  std::function<void()> begin{};
  /// On the threads.
  std::function<void(std::size_t job)> run;
  /// On the calling thread: jobs that have finished, as they come; empty: nothing.
  std::function<void(std::span<const std::size_t> jobs)> keep{};
};

/// Runs jobs 0, 1, ... count - 1 until all are kept or a stop is requested; what had begun by then
/// is finished and kept. Returns how many were kept. Rethrows the first error, after the others'
/// results are kept.
std::size_t run_jobs(std::size_t count, const ParallelJobs& jobs);

}  // namespace nas
