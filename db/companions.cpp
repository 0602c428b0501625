#include "db/companions.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

namespace fs = std::filesystem;

constexpr char kMark[] = "user.searchlight.database";
constexpr std::size_t kMarkDigits = 16;
// "Database File Format", section 3: the first bytes of a rollback journal.
constexpr std::string_view kJournalMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
// "WAL-mode File Format", section 2.3: who has the -shm file open holds a lock on this byte.
constexpr off_t kIndexInUse = 128;
constexpr auto kLockPause = std::chrono::milliseconds(20);
constexpr int kLockTries = 500;

fs::path beside(const fs::path& database, std::string_view suffix) {
  fs::path path = database;
  path += suffix;
  return path;
}

std::string quoted(const fs::path& path) {
  return "'" + printable(path.native()) + "'";
}

std::int64_t bytes_of(const fs::path& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::int64_t>(status.st_size) : -1;
}

/// "" without a mark, or on a file system that keeps none.
std::string mark_of(const fs::path& path) noexcept {
  std::array<char, 2 * kMarkDigits> mark{};
  const ssize_t bytes = ::getxattr(path.c_str(), kMark, mark.data(), mark.size());
  return bytes > 0 ? std::string(mark.data(), static_cast<std::size_t>(bytes)) : std::string();
}

void set_mark(const fs::path& path, const std::string& mark, int flags) noexcept {
  (void)::setxattr(path.c_str(), kMark, mark.data(), mark.size(), flags);
}

std::string new_mark() {
  // Not for results: a mark only has to differ from that of every other file.
  std::array<unsigned char, kMarkDigits> chance{};
  (void)!::getrandom(chance.data(), chance.size(), 0);
  std::string mark;
  for (const unsigned char byte : chance) mark += "0123456789abcdef"[byte % 16];
  return mark;
}

bool belongs_to_another(const fs::path& database) noexcept {
  const std::string mark = mark_of(beside(database, "-wal"));
  return !mark.empty() && mark != mark_of(database);
}

bool in_use(const fs::path& index) noexcept {
#ifdef F_OFD_GETLK
  const int file = lasting_descriptor(index);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kIndexInUse;
  lock.l_len = 1;
  return file >= 0 && ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
#else
  return ::access(index.c_str(), F_OK) == 0;
#endif
}

/// A number as std::to_string writes it; 0 for anything else.
pid_t plain_number(std::string_view digits) {
  const auto number = parse_int(digits);
  const bool fits = number && *number > 0 && *number <= 0x7fffffff;
  return fits && std::to_string(*number) == digits ? static_cast<pid_t>(*number) : 0;
}

/// The process of "x.db.new-PID-N" and of what SQLite puts beside it; 0 for another name, such as
/// that of somebody's copy, "x.db.new-2026-01-05".
pid_t creator_of(std::string_view name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return 0;
  name.remove_prefix(prefix.size());
  for (const std::string_view suffix : {"-journal", "-wal", "-shm"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) return 0;
  const std::string_view attempt = name.substr(dash + 1);
  return attempt == "0" || plain_number(attempt) > 0 ? plain_number(name.substr(0, dash)) : 0;
}

/// A creation holds a lock on its file; numbers of processes are used again.
bool locked(const fs::path& path) noexcept {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (file < 0) return false;
  const bool taken = ::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return taken;
}

}  // namespace

DirectoryLock::DirectoryLock(const fs::path& directory)
    : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) return;  // what is done in it will say why
  for (int attempt = 0; ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0; ++attempt) {
    if (errno != EWOULDBLOCK && errno != EINTR) return;  // no such locks here
    if (attempt == kLockTries) {
      ::close(descriptor_);
      throw Error(ErrorKind::kIo, "directory " + quoted(directory) +
                                      ": another process has kept it locked for too long; end "
                                      "that process or try again");
    }
    std::this_thread::sleep_for(kLockPause);
  }
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void mark_log(const fs::path& database) noexcept {
  std::string mark = mark_of(database);
  if (mark.empty()) {
    // Two processes may be here at once: the first mark stays.
    set_mark(database, new_mark(), XATTR_CREATE);
    mark = mark_of(database);
  }
  const fs::path log = beside(database, "-wal");
  if (!mark.empty() && mark_of(log) != mark) set_mark(log, mark, 0);
}

void set_log_aside(const fs::path& database) {
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    const fs::path from = beside(database, suffix);
    if (bytes_of(from) < 0) continue;
    bool moved = bytes_of(from) == 0 && ::unlink(from.c_str()) == 0;
    for (int number = 1; !moved && number < 1000; ++number) {
      const fs::path to = beside(from, ".old-" + std::to_string(number));
      moved = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
      if (!moved && errno != EEXIST) break;
    }
    if (!moved) {
      throw Error(ErrorKind::kIo, "database " + quoted(database) + ": the log " + quoted(from) +
                                      " of an earlier file cannot be moved out of the way: " +
                                      std::strerror(errno));
    }
  }
  ::unlink(beside(database, "-shm").c_str());
}

void refuse_foreign_log(const fs::path& database, bool writing) {
  if (!belongs_to_another(database)) return;
  const std::string what = "database " + quoted(database) + ": the log " +
                           quoted(beside(database, "-wal")) +
                           " beside it belongs to another file, which had this name before";
  if (in_use(beside(database, "-shm"))) {
    throw Error(ErrorKind::kData, what + "; a process still uses it, stop that process first");
  }
  if (!writing) {
    throw Error(ErrorKind::kData,
                what + "; move the log to another directory, together with its '-shm' file");
  }
  const DirectoryLock lock(database.parent_path());
  if (belongs_to_another(database)) set_log_aside(database);
}

void refuse_stray_journal(const DatabaseFile& file) {
  const fs::path journal = beside(file.path, "-journal");
  const int descriptor = ::open(journal.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return;
  std::array<char, kJournalMagic.size()> start{};
  const ssize_t bytes = ::pread(descriptor, start.data(), start.size(), 0);
  ::close(descriptor);
  // SQLite ignores a journal whose first byte is 0: that is how it ends one.
  if (bytes == 0 || (bytes > 0 && start[0] == 0)) return;
  const bool sound = std::string_view(start.data(), start.size()) == kJournalMagic;
  if (sound && !file.write_ahead) return;
  throw Error(ErrorKind::kData,
              "database " + quoted(file.path) + ": " + quoted(journal) + " beside it is " +
                  (sound ? "the journal of another file" : "not a journal of SQLite") +
                  "; move it to another directory");
}

void remove_unfinished(const fs::path& database) noexcept {
  const std::string prefix = database.filename().native() + ".new-";
  std::error_code error;
  for (fs::directory_iterator entry(database.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    const pid_t creator = creator_of(entry->path().filename().native(), prefix);
    if (creator == 0 || ::kill(creator, 0) == 0 || errno != ESRCH) continue;
    if (!locked(entry->path())) ::unlink(entry->path().c_str());
  }
}

}  // namespace nas
