#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "db/sqlite_connection.h"

namespace nas {

/// "SLGT": what `file` and we recognise a Searchlight database by.
inline constexpr std::int64_t kApplicationId = 0x534C4754;

/// The SQL that leads from version i to version i + 1, at index i: db/migrations/000<i+1>_*.sql.
/// Released ones never change.
std::span<const std::string_view> schema_migrations();

/// The version of the schema in a database (PRAGMA user_version); 0 when it is empty.
std::int64_t schema_version(SqliteConnection& connection);

/// Brings a database to the last of `migrations` in one transaction; safe when several processes
/// try at once. Throws Error(kUnsupported) when the database is newer, Error(kData) when a
/// migration would break references.
void migrate(SqliteConnection& connection, std::span<const std::string_view> migrations);

/// Name to definition of every table, index and view, white space evened out.
using SchemaText = std::map<std::string, std::string>;
SchemaText schema_of(SqliteConnection& connection);
/// That of a new database made by `migrations`.
SchemaText expected_schema(std::span<const std::string_view> migrations);

}  // namespace nas
