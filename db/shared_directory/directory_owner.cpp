#include "db/shared_directory/directory_owner.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/process.h"
#include "core/util/text.h"
#include "db/shared_directory/directory_files.h"
#include "db/shared_directory/directory_service.h"
#include "db/sqlite_connection.h"

namespace nas {

namespace {

namespace fs = std::filesystem;

constexpr double kBeatsPerLease = 6;

/// Makes `path` with this content; false: it is there already.
bool make_once(const fs::path& path, const std::string& content) {
  static std::atomic<int> made = 0;
  const fs::path draft = path.native() + ".new-" + process_name() + "-" + std::to_string(++made);
  write_file_atomically(draft, content);
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0;
  const int number = errno;
  ::unlink(draft.c_str());
  if (linked || number == EEXIST) return linked;
  throw Error(ErrorKind::kIo, "shared directory: '" + printable(path.native()) +
                                  "' cannot be made by a link, which this file system needs to "
                                  "support: " +
                                  std::strerror(number));
}

std::function<std::int64_t()> steady_clock_from(std::int64_t earliest_us) {
  const std::int64_t start = std::max(system_clock_us(), earliest_us);
  return [start, began = boot_clock_us()] { return start + boot_clock_us() - began; };
}

fs::path beside(const fs::path& path, const char* suffix) {
  return path.native() + suffix;
}

}  // namespace

DirectoryBeat::DirectoryBeat(fs::path directory, std::int64_t generation, double lease_seconds,
                             std::function<std::int64_t()> clock_us)
    : directory_(std::move(directory)),
      generation_(generation),
      lease_seconds_(lease_seconds),
      clock_us_(std::move(clock_us)) {}

void DirectoryBeat::write(std::string_view state) {
  write_file_atomically(beat_file(directory_, generation_), std::to_string(++number_) + " " +
                                                                std::to_string(clock_us_()) + " " +
                                                                std::string(state) + "\n");
  shown_us_ = boot_clock_us();
}

void DirectoryBeat::show() {
  const std::lock_guard lock(mutex_);
  write("live");
  lost_ = lost_ || DirectoryWatch::is_over(directory_, generation_);
}

void DirectoryBeat::leave() {
  const std::lock_guard lock(mutex_);
  write("left");
}

bool DirectoryBeat::lost() {
  const std::lock_guard lock(mutex_);
  lost_ = lost_ || DirectoryWatch::is_over(directory_, generation_);
  return lost_;
}

void DirectoryBeat::require() {
  const std::lock_guard lock(mutex_);
  // What a network file system remembers of a name may be old; after a long sleep it is asked anew.
  if (boot_clock_us() - shown_us_ > static_cast<std::int64_t>(lease_seconds_ * 0.5e6)) {
    lost_ = lost_ || newest_generation(directory_, "coordinator", "") > generation_;
    if (!lost_) write("live");
  }
  lost_ = lost_ || DirectoryWatch::is_over(directory_, generation_);
  if (!lost_) return;
  throw Error(ErrorKind::kIo, "shared directory '" + printable(directory_.native()) +
                                  "': another process has taken it over, because this one was not "
                                  "heard of for " +
                                  format_short(lease_seconds_) + " s");
}

std::unique_ptr<DirectoryOwner> DirectoryOwner::take(const fs::path& directory,
                                                     const DirectoryLeader& former,
                                                     const DirectoryOptions& options) {
  NAS_CHECK(former.free(), "a directory is not taken from a process that is alive");
  const std::int64_t generation = former.generation + 1;
  const std::string record = process_name() + "\n" + format_short(options.lease_seconds) + "\n";
  if (!make_once(leader_file(directory, generation), record)) return nullptr;
  // Made by one who was held up since it looked: the directory has long had other owners.
  if (newest_generation(directory, "coordinator", "") > generation) return nullptr;
  return std::unique_ptr<DirectoryOwner>(new DirectoryOwner(directory, former, options));
}

DirectoryOwner::DirectoryOwner(fs::path directory, const DirectoryLeader& former,
                               const DirectoryOptions& options)
    : directory_(std::move(directory)),
      generation_(former.generation + 1),
      lease_seconds_(options.lease_seconds),
      sqlite_(options.sqlite) {
  const Sharing sharing = sharing_of(directory_);
  sqlite_.clock_us = options.clock_us ? options.clock_us : steady_clock_from(former.clock_us);
  beat_ =
      std::make_shared<DirectoryBeat>(directory_, generation_, lease_seconds_, sqlite_.clock_us);
  sqlite_.alone = true;
  sqlite_.durable = sqlite_.durable || sharing.flush;
  sqlite_.before_commit = [beat = beat_] { beat->require(); };
  if (sqlite_.files.empty()) sqlite_.files = directory_;
  beat_->show();
  thread_ = std::thread([this] { keep_beating(); });
  try {
    prepare_database(former.state == DirectoryLeader::State::kSilent);
    service_ = std::make_unique<DirectoryService>(directory_, generation_, beat_, [this] {
      return open_sqlite_store(database_, OpenMode::kReadWrite, sqlite_);
    });
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
    beat_->leave();
    throw;
  }
}

DirectoryOwner::~DirectoryOwner() {
  service_.reset();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
  try {
    beat_->leave();
  } catch (const Error&) {
    // Others see that the process is gone, or wait for its lease.
  }
}

void DirectoryOwner::keep_beating() {
  const auto pause = std::chrono::duration<double>(lease_seconds_ / kBeatsPerLease);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return ending_; })) {
    lock.unlock();
    try {
      if (!beat_->lost()) beat_->show();
    } catch (const Error&) {
      // A full disk: the next one may be written.
    }
    lock.lock();
  }
}

void DirectoryOwner::prepare_database(bool copy) {
  const std::int64_t newest = newest_generation(directory_, "results", ".db", generation_);
  const fs::path own = database_file_of(directory_, generation_);
  if (newest == 0) {
    database_ = own;
    (void)open_sqlite_store(database_, OpenMode::kCreate, sqlite_);
    return;
  }
  database_ = database_file_of(directory_, newest);
  if (!copy) return;
  const fs::path part = beside(own, ".part");
  std::error_code error;
  // The log last: it holds what was being folded into the database meanwhile.
  for (const char* suffix : {"", "-wal"}) {
    const fs::path from = beside(database_, suffix);
    if (*suffix != '\0' && !fs::exists(from, error)) continue;
    fs::copy_file(from, beside(part, suffix), fs::copy_options::overwrite_existing, error);
    if (error) {
      throw Error(ErrorKind::kIo,
                  "'" + printable(from.native()) + "' cannot be copied: " + error.message());
    }
  }
  SqliteConnection(ConnectionTarget{part, Access::kWrite, sqlite_}).fold_log();
  fs::rename(part, own, error);
  if (error) {
    throw Error(ErrorKind::kIo,
                "'" + printable(part.native()) + "' cannot be renamed: " + error.message());
  }
  for (const char* suffix : {"", "-wal"}) fs::remove(beside(database_, suffix), error);
  database_ = own;
}

}  // namespace nas
