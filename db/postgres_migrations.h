#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "db/migrations.h"
#include "db/postgres_connection.h"

namespace nas {

/// The schema of a store on PostgreSQL has the versions of SQLite's, from 8 on: the SQL at index 0
/// makes version 8 (db/migrations/postgresql/0008_*.sql), that at index i leads to version 8 + i.
/// "{schema}" in it stands for the name of the store's schema. Released ones never change.
inline constexpr std::int64_t kFirstPostgresVersion = 8;
std::span<const std::string_view> postgres_migrations();

/// 0: there is no store here. Throws Error(kData) where something else has the schema's name.
std::int64_t postgres_version(PostgresConnection& connection);

/// Makes the store, or brings it up to date, in one transaction; safe when several processes try at
/// once. Throws Error(kUnsupported) when it is newer.
void migrate_postgres(PostgresConnection& connection);

/// Throws Error(kUnsupported) unless the store has the version that this program writes, Error(kIo)
/// where there is none.
void require_postgres_version(PostgresConnection& connection);

/// Tables, views, indexes, triggers and functions of ours that are not there, or do not work.
std::vector<std::string> postgres_schema_problems(PostgresConnection& connection);

}  // namespace nas
