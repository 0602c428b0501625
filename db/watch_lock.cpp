#include "db/watch_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <mutex>
#include <string>

#include "db/database_file.h"

namespace nas {

namespace {

// Bytes that SQLite locks: os.h (SHARED_FIRST, SHARED_SIZE) for the database, and "WAL-mode File
// Format", section 2.3, for the -shm file, where the last of 8 bytes says that somebody has it open
// (wal.c and os_unix.c: UNIX_SHM_DMS).
constexpr off_t kSharedFirst = 0x40000002;
constexpr off_t kSharedBytes = 510;
constexpr off_t kIndexInUse = 128;

struct Watched {
  int connections = 0;
  std::map<FileId, int> indices;  ///< descriptors of -shm files, locked
};

/// What this process watches.
struct Registry {
  std::mutex mutex;
  std::map<FileId, Watched> files;
};

Registry& registry() {
  static Registry the_one;
  return the_one;
}

void set_lock([[maybe_unused]] int descriptor, [[maybe_unused]] short type,
              [[maybe_unused]] off_t first, [[maybe_unused]] off_t bytes) {
#ifdef F_OFD_SETLK
  if (descriptor < 0) return;
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = first;
  lock.l_len = bytes;
  // Refused only while somebody is changing the journal mode or closing as the last one: then
  // SQLite's own lock meets the same.
  ::fcntl(descriptor, F_OFD_SETLK, &lock);
#endif
}

}  // namespace

WatchLock::WatchLock(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {
  struct stat status {};
  if (descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0)
    file_ = {status.st_dev, status.st_ino};
  Registry& all = registry();
  const std::lock_guard guard(all.mutex);
  if (all.files[file_].connections++ == 0)
    set_lock(descriptor_, F_RDLCK, kSharedFirst, kSharedBytes);
}

void WatchLock::hold_index() {
  const std::string name = path_.native() + "-shm";
  Registry& all = registry();
  const std::lock_guard guard(all.mutex);
  const int descriptor = lasting_descriptor(name);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) return;
  const bool added =
      all.files[file_].indices.emplace(FileId{status.st_dev, status.st_ino}, descriptor).second;
  if (added) set_lock(descriptor, F_RDLCK, kIndexInUse, 1);
}

// The last one goes before its connection, which then removes what it has made.
WatchLock::~WatchLock() {
  Registry& all = registry();
  const std::lock_guard guard(all.mutex);
  Watched& watch = all.files[file_];
  if (--watch.connections > 0) return;
  set_lock(descriptor_, F_UNLCK, kSharedFirst, kSharedBytes);
  for (const auto& [index, descriptor] : watch.indices)
    set_lock(descriptor, F_UNLCK, kIndexInUse, 1);
  all.files.erase(file_);
}

}  // namespace nas
