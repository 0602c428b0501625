#pragma once

#include <filesystem>
#include <optional>

#include "core/util/error.h"
#include "db/database_file.h"

namespace nas {

/// The files that a connection writes, and whether their names still stand for them. A file that is
/// deleted, replaced or moved while it is open stays open: without this, all further results go
/// where nobody will find them.
class FileWatch {
 public:
  /// Requires that the database is open. Its log is taken when it is first seen.
  explicit FileWatch(std::filesystem::path database);

  enum class Found {
    kOwn,
    kMoved,        ///< the database's name is gone or another file's
    kLogGone,      ///< the log's name is gone
    kLogReplaced,  ///< the log's name is another file's
  };
  Found look() noexcept;
  /// What `found` means and what to do, in one line.
  Error failure(Found found) const;

 private:
  std::filesystem::path database_, log_;
  std::optional<FileId> database_id_, log_id_;
  int descriptor_ = -1;
};

}  // namespace nas
