#pragma once

#include <filesystem>

#include "db/database_file.h"

namespace nas {

// What may lie beside a database 'x.db': its write-ahead log ('x.db-wal' and its index, '-shm'), a
// journal ('-journal'), and databases that a killed creation left ('x.db.new-PID-N').
//
// SQLite believes that a log belongs to the file whose name it has. Where that file was replaced,
// it would write the pages of the old one into the new one. So a database and its log carry the
// same random mark, as an extended attribute; a log of another mark is not this database's.

/// Keeps other processes from arranging files in the same directory for as long as it lives.
class DirectoryLock {
 public:
  /// Throws Error(kIo) when another process keeps it for too long.
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// Marks a database that is open for writing, and its log, as belonging together.
void mark_log(const std::filesystem::path& database) noexcept;

/// Requires that `database` is about to be created, or that its log is another's. Gives the log and
/// a journal another name ('x.db-wal.old-1'), so that nothing is lost and nobody reads them as this
/// database's.
void set_log_aside(const std::filesystem::path& database);

/// Looks for a log that belongs to another file. For writing it is set aside, unless the process
/// that it belongs to still runs: then, and for reading, Error(kData) says so.
void refuse_foreign_log(const std::filesystem::path& database, bool writing);

/// A journal beside a database with a write-ahead log, or one that SQLite did not write: SQLite
/// would wait for its owner. Throws Error(kData).
void refuse_stray_journal(const DatabaseFile& file);

/// Removes what killed creations of `database` left beside it.
void remove_unfinished(const std::filesystem::path& database) noexcept;

}  // namespace nas
