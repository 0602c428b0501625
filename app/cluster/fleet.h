#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "app/cluster/launcher.h"
#include "app/presentation/table.h"
#include "app/session/session.h"

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
  ~Fleet();  ///< jobs go on
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

 private:
  void run(const std::stop_token& stop);
  void look();
  std::int64_t count_alive(std::int64_t study_id);

  std::unique_ptr<Store> store_;
  ProgressSink& progress_;
  std::unique_ptr<Launcher> launcher_;
  WorkerCommand command_;
  FleetOptions options_;
  std::string said_;  ///< the last failure
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
