#include "db/sqlite_error.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/util/text.h"

namespace nas {

namespace {

// The system's word on it where there is one. SQLite does not keep the number for every kind of
// failure; nothing has been called since that one, so errno still has it.
Error system_failure(sqlite3* database, const std::string& where, const std::string& what) {
  const int last = errno;
  const int kept = database != nullptr ? sqlite3_system_errno(database) : 0;
  const int number = kept != 0 ? kept : last;
  if (number == ENOSPC || number == EDQUOT) {
    return Error(ErrorKind::kIo,
                 where +
                     ": no space left on the device; nothing was half-written, free some "
                     "space and run the same command again");
  }
  const std::string reason = number != 0 ? std::string(": ") + std::strerror(number) : "";
  return Error(ErrorKind::kIo, where + ": " + what + reason);
}

}  // namespace

Error sqlite_failure(sqlite3* database, int code, std::string_view path) {
  const std::string where = "database '" + std::string(path) + "'";
  // SQLite quotes the statement, which may have several lines.
  const std::string detail =
      printable(database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Error(ErrorKind::kIo,
                   where +
                       ": no space left on the device; nothing was half-written, free some "
                       "space and run the same command again");
    case SQLITE_IOERR:
      return system_failure(database, where, "the system could not read or write it");
    case SQLITE_CANTOPEN:
      return system_failure(database, where, "cannot be opened");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Error(ErrorKind::kIo,
                   where + ": cannot be written, the file or its directory is read-only");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(
          ErrorKind::kIo,
          where +
              ": another process has kept it locked for too long; end that process or try again");
    case SQLITE_CORRUPT:
      return Error(ErrorKind::kData,
                   where + ": is damaged (" + detail +
                       "); use a copy of it, or salvage its rows with sqlite3's .recover");
    case SQLITE_NOTADB:
      return Error(ErrorKind::kData, where + ": is not a Searchlight database");
    case SQLITE_NOMEM:
      return Error(ErrorKind::kIo, where + ": out of memory");
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_FOREIGNKEY) {
        return Error(ErrorKind::kData,
                     where + ": a study, trial or architecture that does not exist is referred to");
      }
      return Error(ErrorKind::kData, where + ": value refused (" + detail + ")");
    default:
      return Error(ErrorKind::kData, where + ": " + detail);
  }
}

void check_sqlite(sqlite3* database, int code, std::string_view path) {
  if (code != SQLITE_OK) throw sqlite_failure(database, code, path);
}

}  // namespace nas
