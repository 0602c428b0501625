#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/store.h"
#include "core/util/error.h"

namespace nas {

enum class WorkerState : std::uint8_t {
  kIdle,     ///< nothing to do
  kBusy,     ///< evaluates
  kBlocked,  ///< lacks what the queued studies need; `note` says what
  kGone,     ///< has ended
};
std::string to_string(WorkerState state);

struct WorkerSpec {
  std::string name;  ///< "host:pid:thread"
  std::string host;
  std::int64_t pid = 0;
  Environment environment;
  std::vector<std::string> devices{};
  std::string job{};  ///< of the launcher that started it: "slurm 17_3"; "" = by hand
};

/// What a worker says of itself from time to time.
struct WorkerPulse {
  WorkerState state = WorkerState::kIdle;
  std::string note{};
  std::int64_t trials = 0;  ///< finished since it started
  double seconds = 0;       ///< spent on them
};

struct WorkerRow {
  std::int64_t id = 0;
  WorkerSpec spec;
  WorkerPulse pulse;
  std::int64_t started_us = 0;
  std::int64_t seen_us = 0;
};

/// A trial that somebody evaluates.
struct RunningTrial {
  std::string worker;
  std::string study;
  std::int64_t number = 0;
  std::int64_t started_us = 0;
  double seconds_left = 0;  ///< of its lease; 0 or less: anybody may take it
};

/// Work that a launcher asked a cluster for.
struct AllocationRow {
  std::int64_t id = 0;
  std::int64_t study_id = 0;
  std::string launcher;  ///< "slurm"
  std::string job;       ///< of the launcher: "17"
  std::int64_t workers = 0;
  std::int64_t asked_us = 0;
  std::optional<std::int64_t> ended_us{};
};

/// A store that knows the workers on it; every method is one transaction, all times are of the
/// database's clock.
class WorkerRegistry {
 public:
  virtual ~WorkerRegistry() = default;
  /// Trials that are claimed or taken through this store object (and those it is connected to from
  /// now on) are recorded as judged in this environment.
  virtual void judge_in(const Environment& environment) = 0;
  virtual std::int64_t add_worker(const WorkerSpec& spec) = 0;
  virtual void beat(std::int64_t worker_id, const WorkerPulse& pulse) = 0;
  /// Those that were seen since `since_us`, oldest first.
  virtual std::vector<WorkerRow> workers(std::int64_t since_us) const = 0;
  virtual std::vector<RunningTrial> running() const = 0;  ///< by study and number
  virtual std::int64_t now_us() const = 0;                ///< the database's clock

  virtual std::int64_t add_allocation(const AllocationRow& allocation) = 0;
  virtual void end_allocation(std::int64_t allocation_id) = 0;
  virtual std::vector<AllocationRow> allocations(
      std::int64_t study_id) const = 0;  ///< oldest first

  /// Numbers of finished trials that were judged in another environment than their study names.
  virtual std::vector<std::int64_t> judged_elsewhere(std::int64_t study_id) const = 0;
};

/// The same store. Throws Error(kUnsupported) for one without workers.
inline WorkerRegistry& worker_registry(Store& store) {
  if (auto* registry = dynamic_cast<WorkerRegistry*>(&store)) return *registry;
  throw Error(ErrorKind::kUnsupported, "this store knows no workers");
}
inline const WorkerRegistry& worker_registry(const Store& store) {
  return worker_registry(const_cast<Store&>(store));
}

}  // namespace nas
