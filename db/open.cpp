#include <string>
#include <system_error>

#include "core/util/error.h"
#include "db/database_file.h"
#include "db/migrations.h"
#include "db/store_impl.h"

namespace nas {

namespace {

Access reading_access(const DatabaseFile& file) {
  if (!file.write_ahead) return Access::kRead;
  if (file.writable) return Access::kWatch;
  return file.wal_bytes == 0 ? Access::kImmutable : Access::kRead;
}

std::string named(const Connection& connection) {
  return "database '" + connection.path_text() + "'";
}

std::unique_ptr<Connection> open_for_reading(const DatabaseFile& file,
                                             const SqliteOptions& options) {
  auto connection =
      std::make_unique<Connection>(ConnectionTarget{file.path, reading_access(file), options});
  const std::int64_t version = schema_version(*connection);
  const std::int64_t known = sqlite_schema_version();
  if (version == known) return connection;
  const std::string found = named(*connection) + ": has schema version " + std::to_string(version);
  if (version > known) {
    throw Error(ErrorKind::kUnsupported, found + ", this program knows up to " +
                                             std::to_string(known) + "; use a newer Searchlight");
  }
  throw Error(ErrorKind::kUnsupported,
              found + ", this program reads " + std::to_string(known) +
                  "; open it for writing once to upgrade it (nasctl db upgrade)");
}

std::unique_ptr<Connection> open_for_writing(const DatabaseFile& file,
                                             const SqliteOptions& options) {
  if (!file.writable) throw sqlite_not_writable(file.path);
  auto connection =
      std::make_unique<Connection>(ConnectionTarget{file.path, Access::kWrite, options});
  migrate(*connection, schema_migrations());
  return connection;
}

}  // namespace

std::unique_ptr<Connection> open_connection(const std::filesystem::path& path, OpenMode mode,
                                            const SqliteOptions& options) {
  const std::filesystem::path whole = usable_path(path);
  std::error_code error;
  if (mode == OpenMode::kCreate && !std::filesystem::exists(whole, error))
    create_database(whole, options);
  const DatabaseFile file = inspect_database_file(whole);
  return mode == OpenMode::kReadOnly ? open_for_reading(file, options)
                                     : open_for_writing(file, options);
}

std::unique_ptr<Store> open_sqlite_store(const std::filesystem::path& path, OpenMode mode,
                                         const SqliteOptions& options) {
  return std::make_unique<SqliteStore>(open_connection(path, mode, options), mode);
}

}  // namespace nas
