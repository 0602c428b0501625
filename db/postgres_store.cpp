#include "db/postgres_store.h"

#include <stop_token>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/browse_impl.h"
#include "db/postgres_migrations.h"
#include "db/postgres_store_impl.h"

namespace nas {

namespace {

constexpr char kTables[] =
    "SELECT relname FROM pg_class WHERE relnamespace = CAST(current_schema() AS regnamespace) AND "
    "relkind = 'r' AND relname <> 'schema_version' ORDER BY relname";
constexpr char kBytes[] =
    "SELECT CAST(coalesce(sum(pg_total_relation_size(oid)), 0) AS bigint) FROM pg_class WHERE "
    "relnamespace = CAST(current_schema() AS regnamespace) AND relkind = 'r'";
constexpr char kMayWrite[] =
    "SELECT CAST(has_table_privilege('trial', 'INSERT') AS int), CAST(pg_is_in_recovery() OR "
    "CAST(current_setting('transaction_read_only') AS boolean) AS int), current_user";

// What references of other tables are for the server.
constexpr const char* kBrokenReferences[] = {
    "SELECT 'metric ' || metric.id || ': refers to a missing row of ' || CASE WHEN metric.study_id "
    "IS NOT NULL AND study.id IS NULL THEN 'study' WHEN trial_id IS NOT NULL AND trial.id IS NULL "
    "THEN 'trial' WHEN architecture.id IS NULL THEN 'architecture' WHEN metric.network_id IS NOT "
    "NULL AND network.id IS NULL THEN 'network' WHEN fidelity_id IS NOT NULL AND fidelity.id IS "
    "NULL THEN "
    "'fidelity' ELSE 'device' END FROM metric LEFT JOIN study ON study.id = metric.study_id LEFT "
    "JOIN trial ON trial.id = trial_id LEFT JOIN architecture ON architecture.id = "
    "metric.architecture_id LEFT JOIN network ON network.id = metric.network_id LEFT JOIN fidelity "
    "ON fidelity.id = fidelity_id LEFT JOIN device ON device.id = device_id WHERE metric.study_id "
    "IS NOT NULL AND study.id IS NULL OR trial_id IS NOT NULL AND trial.id IS NULL OR "
    "architecture.id IS NULL OR metric.network_id IS NOT NULL AND network.id IS NULL OR "
    "fidelity_id IS NOT NULL AND fidelity.id IS NULL OR device_id IS NOT NULL AND device.id IS "
    "NULL LIMIT 20",
    "SELECT 'trial ' || trial.id || ': refers to a missing row of ' || CASE WHEN study.id IS NULL "
    "THEN 'study' WHEN network_id IS NOT NULL AND network.id IS NULL THEN 'network' ELSE "
    "'environment' END FROM trial LEFT JOIN study ON study.id = study_id LEFT JOIN network ON "
    "network.id = network_id LEFT JOIN environment ON environment.id = trial.environment_id WHERE "
    "study.id IS NULL OR network_id IS NOT NULL AND network.id IS NULL OR trial.environment_id IS "
    "NOT NULL AND environment.id IS NULL LIMIT 20",
    "SELECT 'proposal of trial ' || trial_id || ': there is no such trial' FROM proposal WHERE NOT "
    "EXISTS (SELECT 1 FROM trial WHERE trial.id = trial_id) LIMIT 20",
    "SELECT 'merit of trial ' || trial_id || ': there is no such trial' FROM merit WHERE NOT "
    "EXISTS (SELECT 1 FROM trial WHERE trial.id = trial_id) LIMIT 20"};

// Of a connection that writes, before it begins to.
void require_rights(PostgresConnection& connection) {
  Rows rows = connection.select(kMayWrite);
  rows.next();
  if (rows.integer(0) != 0 && rows.integer(1) == 0) return;
  const bool standby = rows.integer(1) != 0;  // which may take over at any moment
  const std::string why = standby ? "the server only reads (a standby, or set so)"
                                  : "user '" + printable(rows.text(2)) + "' may only read";
  throw Error(standby ? ErrorKind::kIo : ErrorKind::kUnsupported,
              "database '" + connection.path_text() + "': cannot be written, " + why);
}

}  // namespace

std::unique_ptr<PostgresConnection> open_postgres(const StoreAddress& address, OpenMode mode,
                                                  const PostgresOptions& options) {
  const bool writes = mode != OpenMode::kReadOnly;
  auto connection = std::make_unique<PostgresConnection>(address, writes, options);
  if (!writes) {
    require_postgres_version(*connection);
    return connection;
  }
  const bool there = connection->read([&] { return postgres_version(*connection); }) != 0;
  if (!there && mode != OpenMode::kCreate) require_postgres_version(*connection);
  if (there) require_rights(*connection);
  migrate_postgres(*connection);
  return connection;
}

std::unique_ptr<Store> open_postgres_store(const StoreAddress& address, OpenMode mode,
                                           const PostgresOptions& options) {
  return std::make_unique<PostgresStore>(open_postgres(address, mode, options), mode);
}

std::unique_ptr<StudyBrowser> open_postgres_browser(const StoreAddress& address,
                                                    const PostgresOptions& options) {
  return browser_on(open_postgres(address, OpenMode::kReadOnly, options));
}

bool postgres_store_exists(const StoreAddress& address) {
  PostgresConnection connection(address, false, {});
  return connection.read([&] { return postgres_version(connection); }) != 0;
}

PostgresStore::PostgresStore(std::unique_ptr<PostgresConnection> connection, OpenMode mode)
    : SqlStore(std::move(connection), mode),
      server_(static_cast<PostgresConnection&>(this->connection())) {}

std::unique_ptr<SqlStore> PostgresStore::another() const {
  PostgresOptions options = server_.options();
  options.has_answered = true;
  return std::make_unique<PostgresStore>(open_postgres(server_.address(), mode(), options), mode());
}

StoreStats PostgresStore::stats() const {
  return server_.read([&] {
    std::vector<std::string> tables;
    {
      Rows rows = server_.select(kTables);
      while (rows.next()) tables.push_back(rows.string(0));
    }
    StoreStats stats = table_stats(tables);
    stats.backend = server_.server();
    stats.schema_version = postgres_version(server_);
    Rows bytes = server_.select(kBytes);
    if (bytes.next()) stats.file_bytes = bytes.integer(0);
    return stats;
  });
}

// Each step is a snapshot of its own: a transaction ends with the first statement that fails.
std::vector<std::string> PostgresStore::check() const {
  const std::stop_token& stop = server_.options().stop;
  const std::stop_callback until_stopped(stop, server_.interrupter());
  std::vector<std::string> problems = postgres_schema_problems(server_);
  for (const char* sql : kBrokenReferences) {
    Rows rows = server_.select(sql);
    while (rows.next()) problems.push_back(rows.string(0));
  }
  for (std::string& problem : row_problems()) problems.push_back(std::move(problem));
  if (stop.stop_requested()) throw Error(ErrorKind::kUsage, "check: interrupted");
  return problems;
}

}  // namespace nas
