#include <sqlite3.h>

#include <string>
#include <system_error>

#include "db/database_file.h"
#include "db/migrations.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kTables[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE "
    "'\\' ORDER BY name";

}  // namespace

StoreStats SqliteStore::stats() const {
  const Transaction snapshot(*connection_, Transaction::Kind::kRead);
  StoreStats stats;
  stats.backend = std::string("SQLite ") + sqlite3_libversion();
  stats.schema_version = schema_version(*connection_);
  const std::filesystem::path& path = connection_->target().path;
  std::error_code error;
  stats.file_bytes =
      static_cast<std::int64_t>(std::filesystem::file_size(path, error)) + wal_bytes(path);
  std::vector<std::string> tables;
  {
    Rows rows = connection_->select(kTables);
    while (rows.next()) tables.push_back(rows.string(0));
  }
  for (const std::string& table : tables) {
    Rows rows = connection_->select("SELECT count(*) FROM \"" + table + "\"");
    if (rows.next()) stats.table_rows.emplace_back(table, rows.integer(0));
  }
  return stats;
}

}  // namespace nas
