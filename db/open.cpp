#include <string>
#include <system_error>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/companions.h"
#include "db/database_file.h"
#include "db/migrations.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

Access reading_access(const DatabaseFile& file) {
  if (!file.write_ahead) return Access::kRead;
  if (file.writable) return Access::kWatch;
  return file.wal_bytes == 0 ? Access::kImmutable : Access::kRead;
}

std::string named(const SqliteConnection& connection) {
  return "database '" + connection.path_text() + "'";
}

void refuse_other_version(const SqliteConnection& connection, std::int64_t version) {
  const std::int64_t known = sqlite_schema_version();
  if (version == known) return;
  const std::string found = named(connection) + ": has schema version " + std::to_string(version) +
                            ", this program reads version " + std::to_string(known);
  throw Error(
      ErrorKind::kUnsupported,
      found + (version > known ? "; use a newer Searchlight"
                               : "; open it for writing once to upgrade it (nasctl db upgrade)"));
}

std::unique_ptr<SqliteConnection> open_for_reading(const DatabaseFile& file,
                                                   const SqliteOptions& options) {
  refuse_foreign_log(file.path, false);
  try {
    auto connection = std::make_unique<SqliteConnection>(
        ConnectionTarget{file.path, reading_access(file), options});
    refuse_other_version(*connection, schema_version(*connection));
    return connection;
  } catch (const Error& error) {
    // The usual reason, and one that the user can mend.
    if (error.kind() != ErrorKind::kIo || file.writable || file.wal_bytes == 0) throw;
    const std::string name = printable(file.path.native());
    throw Error(ErrorKind::kIo,
                "database '" + name + "': unfinished changes of a writer are in '" + name +
                    "-wal', which cannot be read in a read-only place; copy both files to a "
                    "directory that you can write");
  }
}

std::unique_ptr<SqliteConnection> open_for_writing(const DatabaseFile& file,
                                                   const SqliteOptions& options) {
  if (!file.writable) throw sqlite_not_writable(file.path);
  remove_unfinished(file.path);
  refuse_foreign_log(file.path, true);
  auto connection =
      std::make_unique<SqliteConnection>(ConnectionTarget{file.path, Access::kWrite, options});
  migrate(*connection, schema_migrations());
  return connection;
}

}  // namespace

std::unique_ptr<SqliteConnection> open_connection(const std::filesystem::path& path, OpenMode mode,
                                                  const SqliteOptions& options) {
  const std::filesystem::path whole = usable_path(path);
  std::error_code error;
  if (mode == OpenMode::kCreate && !std::filesystem::exists(whole, error))
    create_database(whole, options);
  const DatabaseFile file = inspect_database_file(whole, options.alone);
  return mode == OpenMode::kReadOnly ? open_for_reading(file, options)
                                     : open_for_writing(file, options);
}

Error sqlite_not_writable(const std::filesystem::path& path) {
  return Error(ErrorKind::kIo,
               "database '" + printable(path.native()) +
                   "': cannot be written, the file or its directory is read-only for this user");
}

SqliteStore::SqliteStore(std::unique_ptr<SqliteConnection> connection, OpenMode mode)
    : SqlStore(std::move(connection), mode),
      file_(static_cast<SqliteConnection&>(this->connection())) {}

std::unique_ptr<SqlStore> SqliteStore::another() const {
  return std::make_unique<SqliteStore>(
      open_connection(file_.target().path, mode(), file_.target().options), mode());
}

std::unique_ptr<Store> open_sqlite_store(const std::filesystem::path& path, OpenMode mode,
                                         const SqliteOptions& options) {
  return std::make_unique<SqliteStore>(open_connection(path, mode, options), mode);
}

}  // namespace nas
