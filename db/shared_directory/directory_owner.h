#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "db/shared_directory/directory_watch.h"
#include "db/shared_directory/journal.h"
#include "db/sqlite_store.h"

namespace nas {

class DirectoryService;

struct DirectoryOptions {
  SqliteOptions sqlite;
  double lease_seconds = 30;  ///< without a sign of life, after which another process takes over
  /// Of the directory; empty: `DirectoryOwner` says which. Another one only in tests.
  std::function<std::int64_t()> clock_us = {};
};

/// The sign of life of a coordinator, and whether it still is the coordinator. Safe from several
/// threads.
class DirectoryBeat {
 public:
  DirectoryBeat(std::filesystem::path directory, std::int64_t generation, double lease_seconds,
                std::function<std::int64_t()> clock_us);
  /// Throws Error(kIo) once another process has the directory. Asked before every commit.
  void require();
  bool lost();
  void show();
  void leave();  ///< the last sign: others need not wait

 private:
  void write(std::string_view state);

  const std::filesystem::path directory_;
  const std::int64_t generation_;
  const double lease_seconds_;
  const std::function<std::int64_t()> clock_us_;
  std::mutex mutex_;
  bool lost_ = false;
  std::int64_t number_ = 0;
  std::int64_t shown_us_ = 0;  ///< boot clock
};

/// The right to open the database of a shared directory, for as long as the object lives: the
/// process answers the calls of all others (DirectoryService).
///
/// A directory changes hands without locks. Its next owner makes the file `leader_file(generation +
/// 1)` by a link, which one process alone can do. A former owner that only slept sees that file
/// before it commits anything; so that nothing of what it was writing can get into the new owner's
/// way, the latter works on a copy of the database then.
///
/// The directory's clock is that of the owner's machine when it became the owner, or that of its
/// predecessor if that was ahead, and from then on a clock that nobody sets.
class DirectoryOwner {
 public:
  /// Null where another process was faster. Requires `former.free()`.
  static std::unique_ptr<DirectoryOwner> take(const std::filesystem::path& directory,
                                              const DirectoryLeader& former,
                                              const DirectoryOptions& options);
  ~DirectoryOwner();
  DirectoryOwner(const DirectoryOwner&) = delete;
  DirectoryOwner& operator=(const DirectoryOwner&) = delete;

  std::int64_t generation() const { return generation_; }
  const std::filesystem::path& database() const { return database_; }
  /// How the database is opened: by this process alone, and never written once it is lost.
  const SqliteOptions& sqlite_options() const { return sqlite_; }
  bool lost() const { return beat_->lost(); }

 private:
  DirectoryOwner(std::filesystem::path directory, const DirectoryLeader& former,
                 const DirectoryOptions& options);
  void prepare_database(bool copy);
  void keep_beating();

  const std::filesystem::path directory_;
  const std::int64_t generation_;
  const double lease_seconds_;
  SqliteOptions sqlite_;
  std::shared_ptr<DirectoryBeat> beat_;
  std::filesystem::path database_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
  std::unique_ptr<DirectoryService> service_;
};

}  // namespace nas
