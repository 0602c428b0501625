#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/database_file.h"
#include "db/migrations.h"

namespace nas {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int number) {
  throw Error(ErrorKind::kIo, "database '" + printable(path.native()) +
                                  "': cannot be created: " + std::strerror(number));
}

// A file of our own beside the final name, removed with the object together with what SQLite put
// beside it.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& target) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      path_ = target;
      path_ += ".new-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
      const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
      if (file >= 0) {
        ::close(file);
        return;
      }
      if (errno != EEXIST) break;
    }
    fail(target, errno);
  }
  ~NewFile() {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
      ::unlink((path_.native() + suffix).c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Gives the file its name unless the name is taken. File systems without hard links rename instead.
void publish(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
  if (errno != EEXIST) fail(to, errno);
}

void flush(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) fail(path, errno);
  const int failure = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
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
  refuse_network_filesystem(directory);
  const NewFile file(path);
  try {
    Connection connection(ConnectionTarget{file.path(), Access::kWrite, options});
    // Nobody sees the file before it is complete; it goes to the disk once, below.
    connection.run_script("PRAGMA synchronous = OFF");
    connection.run_script("PRAGMA application_id = " + std::to_string(kApplicationId));
    migrate(connection, schema_migrations());
  } catch (const Error& error) {
    throw error.with_context("creating database '" + printable(path.native()) + "'");
  }
  flush(file.path(), O_RDWR);
  publish(file.path(), path);
  flush(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace nas
