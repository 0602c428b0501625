#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "db/sqlite_connection.h"
#include "db/store_impl.h"

namespace nas {

std::unique_ptr<SqliteConnection> open_connection(const std::filesystem::path& path, OpenMode mode,
                                                  const SqliteOptions& options);

/// The error of a file that this process may only read.
Error sqlite_not_writable(const std::filesystem::path& path);

/// The store in a SQLite file: what is SQLite's own. In open, sqlite_query, sqlite_check and
/// sqlite_stats.cpp.
class SqliteStore final : public SqlStore {
 public:
  SqliteStore(std::unique_ptr<SqliteConnection> connection, OpenMode mode);

  std::unique_ptr<Store> connect() const override;
  QueryResult typed_query(std::string_view sql, std::int64_t limit,
                          NumberFlags& numbers) const override;
  StoreStats stats() const override;
  std::vector<std::string> check() const override;

 private:
  SqliteConnection& file_;  ///< the store's connection
};

}  // namespace nas
