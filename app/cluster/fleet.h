#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "app/cluster/launcher.h"
#include "app/presentation/table.h"
#include "app/session/session.h"
#include "core/api/worker_registry.h"

namespace nas {

struct FleetOptions {
  std::int64_t most_workers = 16;  ///< worker processes at once
  double look_seconds = 10;        ///< between two looks at the backlog
};

/// Keeps workers for a study while it lives: as many as there are trials to evaluate, up to a
/// bound. Workers end by themselves when there is nothing to do. Jobs are stored; those that
/// another process asked for count, and those that it could not store are found.
class Fleet {
 public:
  /// `study` need not exist yet. Runs on a thread and connection of its own; what fails is said,
  /// and tried again.
  Fleet(Session& session, std::unique_ptr<Launcher> launcher, WorkerCommand command,
        const FleetOptions& options);
  ~Fleet();  ///< jobs keep running
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

 private:
  void run(const std::stop_token& stop);
  void look();
  std::int64_t count_alive(std::int64_t study_id);
  std::int64_t count_alive(const AllocationRow& row);
  void store_started(std::int64_t study_id);
  bool may_start(std::int64_t alive, std::int64_t finished);
  void say_once(std::int64_t allocation_id, const std::string& text);

  std::unique_ptr<Store> store_;
  ProgressSink& progress_;
  std::unique_ptr<Launcher> launcher_;
  WorkerCommand command_;
  FleetOptions options_;
  std::string said_;  ///< the last failure

  using Clock = std::chrono::steady_clock;
  std::optional<AllocationRow> unstored_;  ///< was started; kept until it is stored
  std::set<std::int64_t> told_;            ///< allocations that something was said of
  std::map<std::int64_t, Clock::time_point> unknown_since_;  ///< allocations nobody answers for
  bool asked_ = false;               ///< for workers, whose end was not yet seen
  std::int64_t alive_at_start_ = 0;  ///< with those that were started last
  std::int64_t finished_at_start_ = 0;
  int in_vain_ = 0;  ///< starts in a row whose workers ended before any trial did
  Clock::time_point not_before_{};
  std::jthread thread_;
};

/// What was asked of clusters for a study, and what of it is alive.
Table allocations_table(Session& session, const std::string& study);
/// Ends all jobs of a study. Returns how many were alive.
std::int64_t stop_allocations(Session& session, const std::string& study);

/// What another process on a machine with the same directories opens the store of this session by.
/// Without a password: children get it as PGPASSWORD, or have it in a file.
std::string store_words(const Session& session);

}  // namespace nas
