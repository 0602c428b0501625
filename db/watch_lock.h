#pragma once

#include <filesystem>
#include <utility>

#include <sys/types.h>

namespace nas {

/// Keeps the write-ahead log of a database that this process looks at from being removed by a
/// writer that closes last. SQLite's own locks do the same until anything in this process closes
/// the file, or its -shm: a file dialog that looks at both to choose an icon is enough. Then the
/// reader would stay on a log that is gone, and see nothing new. These locks belong to the open
/// file instead ("open file description locks", fcntl(2)) and stay.
///
/// One for each connection; thread-safe. Where the system has no such locks it does nothing.
class WatchLock {
 public:
  /// `descriptor`: of the database at `path`, never closed.
  WatchLock(std::filesystem::path path, int descriptor);
  ~WatchLock();
  WatchLock(const WatchLock&) = delete;
  WatchLock& operator=(const WatchLock&) = delete;

  /// To be called when the connection has read something, and so has its -shm file.
  void hold_index();

 private:
  std::filesystem::path path_;
  int descriptor_;
  std::pair<dev_t, ino_t> file_{0, 0};
};

}  // namespace nas
