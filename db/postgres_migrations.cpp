#include "db/postgres_migrations.h"

#include <regex>
#include <set>
#include <string>

#include "core/util/error.h"

namespace nas {

namespace {

// One lock for all stores of a server; it is held for as long as one is made: "SLGT" as a number.
constexpr char kLock[] = "SELECT pg_advisory_xact_lock(?)";
constexpr char kHasTable[] =
    "SELECT 1 FROM pg_class WHERE relname = 'schema_version' AND relnamespace = (SELECT oid FROM "
    "pg_namespace WHERE nspname = ?)";
constexpr char kObjectsOfOthers[] =
    "SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname "
    "= ?) ORDER BY relname LIMIT 1";
constexpr char kMayUse[] =
    "SELECT CAST(has_schema_privilege(oid, 'USAGE') AS int) FROM pg_namespace WHERE nspname = ?";
constexpr char kVersion[] = "SELECT application, version FROM schema_version";
constexpr char kVersionTable[] =
    "CREATE TABLE schema_version (the_only_row boolean PRIMARY KEY DEFAULT true CHECK "
    "(the_only_row), application bigint NOT NULL, version bigint NOT NULL)";
constexpr char kFound[] =
    "SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = CAST(current_schema() AS "
    "regnamespace) UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = "
    "CAST(current_schema() AS regnamespace) UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger "
    "JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = "
    "CAST(current_schema() AS regnamespace)";
constexpr char kBroken[] =
    "SELECT 'index ' || relname || ' is not valid' FROM pg_index JOIN pg_class ON pg_class.oid = "
    "indexrelid WHERE NOT indisvalid AND relnamespace = CAST(current_schema() AS regnamespace) "
    "UNION ALL SELECT 'rule ' || conname || ' is not checked' FROM pg_constraint WHERE NOT "
    "convalidated AND connamespace = CAST(current_schema() AS regnamespace) UNION ALL SELECT "
    "'trigger ' || tgname || ' is switched off' FROM pg_trigger JOIN pg_class ON pg_class.oid = "
    "tgrelid WHERE tgenabled = 'D' AND relnamespace = CAST(current_schema() AS regnamespace)";

std::string where(const PostgresConnection& connection) {
  return "database '" + connection.path_text() + "': ";
}

std::int64_t known_version() {
  return kFirstPostgresVersion + static_cast<std::int64_t>(postgres_migrations().size()) - 1;
}

[[noreturn]] void refuse_newer(const PostgresConnection& connection, std::int64_t version) {
  throw Error(ErrorKind::kUnsupported, where(connection) + "has schema version " +
                                           std::to_string(version) + ", this program knows up to " +
                                           std::to_string(known_version()) +
                                           "; use a newer Searchlight");
}

/// The SQL of a migration for the schema of this store.
std::string with_schema(std::string_view sql, const std::string& schema) {
  constexpr std::string_view kPlace = "{schema}";
  std::string result;
  for (std::size_t at = sql.find(kPlace); at != std::string_view::npos; at = sql.find(kPlace)) {
    result.append(sql.substr(0, at)).append(quoted_name(schema));
    sql.remove_prefix(at + kPlace.size());
  }
  return result.append(sql);
}

void apply(PostgresConnection& connection) {
  connection.select(kLock, kApplicationId).next();
  // Another process may have done it while we waited for the lock.
  const std::int64_t from = postgres_version(connection);
  if (from == known_version()) return;
  if (from > known_version()) refuse_newer(connection, from);
  if (from == 0) {
    // An administrator may have made the schema, empty, for a user who may not make any.
    if (!connection.select(kMayUse, connection.schema()).next())
      connection.run_script("CREATE SCHEMA " + quoted_name(connection.schema()));
    connection.run_script(kVersionTable);
  }
  const std::int64_t first = from == 0 ? 0 : from - kFirstPostgresVersion + 1;
  for (const std::string_view sql : postgres_migrations().subspan(static_cast<std::size_t>(first)))
    connection.run_script(with_schema(sql, connection.schema()));
  connection.run_script("DELETE FROM schema_version");
  connection.execute("INSERT INTO schema_version (application, version) VALUES (?, ?)",
                     kApplicationId, known_version());
}

/// "relation trial", "function now_us": what the migrations make and do not drop again.
std::set<std::string> expected_objects() {
  static const std::regex kStatement(
      "(CREATE|DROP) (?:OR REPLACE )?(?:UNIQUE )?(TABLE|INDEX|VIEW|FUNCTION|TRIGGER) "
      "(?:IF EXISTS )?(\\w+)");
  std::set<std::string> objects;
  for (const std::string_view sql : postgres_migrations()) {
    using Iterator = std::regex_iterator<std::string_view::const_iterator>;
    for (Iterator at(sql.begin(), sql.end(), kStatement); at != Iterator(); ++at) {
      const std::string kind = (*at)[2];
      const std::string name = (kind == "FUNCTION"  ? "function "
                                : kind == "TRIGGER" ? "trigger "
                                                    : "relation ") +
                               (*at)[3].str();
      if ((*at)[1] == "CREATE") {
        objects.insert(name);
      } else {
        objects.erase(name);
      }
    }
  }
  return objects;
}

}  // namespace

std::int64_t postgres_schema_version() {
  return known_version();
}

std::int64_t postgres_version(PostgresConnection& connection) {
  const std::string& schema = connection.schema();
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::kData,
                where(connection) + "its schema '" + schema + "' is not a Searchlight database (" +
                    why + "); choose another one (?options=-csearchlight.schema%3DNAME)");
  };
  {
    Rows rows = connection.select(kMayUse, schema);
    if (!rows.next()) return 0;
    if (rows.integer(0) == 0) {
      throw Error(ErrorKind::kUnsupported, where(connection) +
                                               "this user may not read the schema '" + schema +
                                               "'; its owner can GRANT USAGE ON SCHEMA");
    }
  }
  if (!connection.select(kHasTable, schema).next()) {
    const std::string other = connection.select(kObjectsOfOthers, schema).next_text();
    if (!other.empty()) refuse("it has '" + other + "' and no version");
    return 0;
  }
  try {
    Rows rows = connection.select(kVersion);
    if (!rows.next()) refuse("its version is missing");
    if (rows.integer(0) != kApplicationId) refuse("it is another application's");
    return rows.integer(1);
  } catch (const TransientError&) {
    throw;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    refuse("its version cannot be read");
  }
  return 0;
}

void migrate_postgres(PostgresConnection& connection) {
  const std::int64_t version = connection.read([&] { return postgres_version(connection); });
  if (version == known_version()) return;
  if (version > known_version()) refuse_newer(connection, version);
  connection.write([&] { apply(connection); });
}

void require_postgres_version(PostgresConnection& connection) {
  const std::int64_t version = connection.read([&] { return postgres_version(connection); });
  if (version == known_version()) return;
  if (version > known_version()) refuse_newer(connection, version);
  if (version == 0) {
    throw Error(ErrorKind::kIo, where(connection) +
                                    "holds no results yet; a search that writes to it makes what "
                                    "it needs");
  }
  throw Error(ErrorKind::kUnsupported,
              where(connection) + "has schema version " + std::to_string(version) +
                  ", this program reads version " + std::to_string(known_version()) +
                  "; open it for writing once to upgrade it (nasctl db "
                  "upgrade)");
}

std::vector<std::string> postgres_schema_problems(PostgresConnection& connection) {
  std::set<std::string> found;
  {
    Rows rows = connection.select(kFound);
    while (rows.next()) found.insert(rows.string(0));
  }
  std::vector<std::string> problems;
  for (const std::string& name : expected_objects()) {
    if (!found.contains(name)) problems.push_back("schema: " + name + " is missing");
  }
  Rows rows = connection.select(kBroken);
  while (rows.next()) problems.push_back("schema: " + rows.string(0));
  return problems;
}

}  // namespace nas
