#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/companions.h"
#include "db/database_file.h"
#include "db/migrations.h"

namespace nas {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int number) {
  throw Error(ErrorKind::kIo, "database '" + printable(path.native()) +
                                  "': cannot be created: " + std::strerror(number));
}

// A file of our own beside the final name, removed with the object together with what SQLite put
// beside it. Locked as long as it is wanted: what a killed process left is not.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& target) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      path_ = target;
      path_ += ".new-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
      lock_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
      if (lock_ >= 0) {
        (void)::flock(lock_, LOCK_EX | LOCK_NB);
        return;
      }
      if (errno != EEXIST) break;
    }
    fail(target, errno);
  }
  ~NewFile() {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
      ::unlink((path_.native() + suffix).c_str());
    ::close(lock_);  // last: closing drops the locks of SQLite's connection too
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

// Gives the file its name unless the name is taken. What lies beside that name is the log of a file
// that is gone. File systems that cannot rename so get a second name for a moment.
void publish(const std::filesystem::path& from, const std::filesystem::path& to) {
  const DirectoryLock lock(to.parent_path());
  std::error_code error;
  if (std::filesystem::exists(to, error)) return;
  set_log_aside(to);
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
  if (errno == EEXIST) return;
  if (::link(from.c_str(), to.c_str()) != 0 && errno != EEXIST) fail(to, errno);
  ::unlink(from.c_str());
}

void flush(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) fail(path, errno);
  int failure = ::fsync(file) == 0 ? 0 : errno;
  if (::close(file) != 0 && failure == 0) failure = errno;
  // Some file systems cannot flush a directory.
  if (failure != 0 && failure != EINVAL) fail(path, failure);
}

}  // namespace

void create_database(const std::filesystem::path& path, const SqliteOptions& options) {
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw Error(ErrorKind::kIo, "database '" + printable(path.native()) +
                                    "': there is no directory '" + printable(directory.native()) +
                                    "'");
  }
  if (!options.alone) refuse_network_filesystem(directory);
  remove_unfinished(path);
  const NewFile file(path);
  try {
    SqliteConnection connection(ConnectionTarget{file.path(), Access::kWrite, options});
    // Nobody sees the file before it is complete; it goes to the disk once, below.
    connection.run_script("PRAGMA synchronous = OFF");
    connection.run_script("PRAGMA application_id = " + std::to_string(kApplicationId));
    migrate(connection, schema_migrations());
    // Closing would do it too, but says nothing when the disk is full.
    connection.fold_log();
  } catch (const Error& error) {
    throw error.with_context("creating database '" + printable(path.native()) + "'");
  }
  flush(file.path(), O_RDWR);
  (void)inspect_database_file(file.path(), options.alone);
  publish(file.path(), path);
  flush(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace nas
