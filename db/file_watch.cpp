#include "db/file_watch.h"

#include <sys/stat.h>

#include <string>
#include <system_error>
#include <utility>

#include "core/util/text.h"

namespace nas {

FileWatch::FileWatch(std::filesystem::path database)
    : database_(std::move(database)),
      log_(database_.native() + "-wal"),
      database_id_(file_id(database_)),
      log_id_(file_id(log_)),
      descriptor_(lasting_descriptor(database_)) {}

FileWatch::Found FileWatch::look() noexcept {
  if (file_id(database_) != database_id_) return Found::kMoved;
  if (!log_id_) log_id_ = file_id(log_);
  const std::optional<FileId> log = file_id(log_);
  if (log == log_id_) return Found::kOwn;
  return log ? Found::kLogReplaced : Found::kLogGone;
}

Error FileWatch::failure(Found found) const {
  const std::string text = "database '" + printable(database_.native()) + "': ";
  const std::string log = "its log '" + printable(log_.native()) + "' was ";
  if (found == Found::kLogGone) {
    return Error(ErrorKind::kIo, text + log +
                                     "deleted while it was in use; what was stored is in the "
                                     "database, run the same command again");
  }
  if (found == Found::kLogReplaced) {
    return Error(ErrorKind::kIo, text + log +
                                     "replaced while it was in use, the last results are lost; "
                                     "check the database and run the same command again");
  }
  struct stat status {};
  const bool deleted =
      descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || status.st_nlink == 0;
  if (deleted) {
    return Error(ErrorKind::kIo, text +
                                     "the file was deleted or replaced while it was in use, and "
                                     "its results are lost; run the same command again");
  }
  std::error_code error;
  const std::filesystem::path now =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor_), error);
  const std::string place = error ? "elsewhere" : "at '" + printable(now.native()) + "'";
  return Error(
      ErrorKind::kIo,
      text + "the file was moved while it was in use and is " + place +
          " now, with all results so far; name it with --store to continue there, or move it back");
}

}  // namespace nas
