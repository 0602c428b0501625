#include "db/migrations.h"

#include <sqlite3.h>

#include <cctype>

#include "core/util/error.h"
#include "db/digest_function.h"
#include "db/sqlite_error.h"

namespace nas {

namespace {

constexpr char kObjects[] =
    "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
    "'sqlite\\_%' "
    "ESCAPE '\\' ORDER BY 1";

// Runs of white space become one blank: how a statement is laid out is not part of the schema.
std::string even_out(std::string_view sql) {
  std::string text;
  for (const char character : sql) {
    const bool blank = std::isspace(static_cast<unsigned char>(character)) != 0;
    if (!blank) {
      text += character;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  return text;
}

void refuse_newer(SqliteConnection& connection, std::int64_t version, std::size_t known) {
  if (version <= static_cast<std::int64_t>(known)) return;
  throw Error(ErrorKind::kUnsupported, "database '" + connection.path_text() +
                                           "': has schema version " + std::to_string(version) +
                                           ", this program knows up to " + std::to_string(known) +
                                           "; use a newer Searchlight");
}

void refuse_broken_references(SqliteConnection& connection) {
  Rows rows = connection.select("PRAGMA foreign_key_check");
  if (!rows.next()) return;
  throw Error(ErrorKind::kData, "database '" + connection.path_text() + "': table '" +
                                    rows.string(0) + "' refers to missing rows of '" +
                                    rows.string(2) + "'; it was not upgraded");
}

void apply(SqliteConnection& connection, std::span<const std::string_view> migrations) {
  const DigestFunction digests(connection);
  Transaction transaction(connection, Transaction::Kind::kWrite);
  // Another process may have done it while we waited for the lock.
  const std::int64_t from = schema_version(connection);
  refuse_newer(connection, from, migrations.size());
  for (auto version = static_cast<std::size_t>(from); version < migrations.size(); ++version) {
    connection.run_script(std::string(migrations[version]));
  }
  connection.run_script("PRAGMA user_version = " + std::to_string(migrations.size()));
  refuse_broken_references(connection);
  transaction.commit();
}

}  // namespace

std::int64_t schema_version(SqliteConnection& connection) {
  Rows rows = connection.select("PRAGMA user_version");
  return rows.next() ? rows.integer(0) : 0;
}

void migrate(SqliteConnection& connection, std::span<const std::string_view> migrations) {
  const std::int64_t version = schema_version(connection);
  refuse_newer(connection, version, migrations.size());
  if (version == static_cast<std::int64_t>(migrations.size())) return;
  // A migration may rebuild a table that others refer to; the setting only takes outside a
  // transaction.
  connection.run_script("PRAGMA foreign_keys = OFF");
  apply(connection, migrations);
  connection.run_script("PRAGMA foreign_keys = ON");
}

SchemaText schema_of(SqliteConnection& connection) {
  SchemaText schema;
  Rows rows = connection.select(kObjects);
  while (rows.next()) schema.emplace(rows.string(0), even_out(rows.text(1)));
  return schema;
}

SchemaText expected_schema(std::span<const std::string_view> migrations) {
  SqliteConnection connection(ConnectionTarget{":memory:", Access::kScratch, {}});
  const DigestFunction digests(connection);
  for (const std::string_view sql : migrations) connection.run_script(std::string(sql));
  return schema_of(connection);
}

std::int64_t sqlite_schema_version() {
  return static_cast<std::int64_t>(schema_migrations().size());
}

}  // namespace nas
