#include <sqlite3.h>

#include <string>
#include <system_error>

#include "db/database_file.h"
#include "db/migrations.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

constexpr char kTables[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE "
    "'\\' ORDER BY name";

}  // namespace

StoreStats SqliteStore::stats() const {
  return file_.read([&] {
    std::vector<std::string> tables;
    {
      Rows rows = file_.select(kTables);
      while (rows.next()) tables.push_back(rows.string(0));
    }
    StoreStats stats = table_stats(tables);
    stats.backend = std::string("SQLite ") + sqlite3_libversion();
    stats.schema_version = schema_version(file_);
    const std::filesystem::path& path = file_.target().path;
    std::error_code error;
    stats.file_bytes =
        static_cast<std::int64_t>(std::filesystem::file_size(path, error)) + wal_bytes(path);
    return stats;
  });
}

}  // namespace nas
