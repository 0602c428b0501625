#include <doctest/doctest.h>

#include <stdlib.h>

#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/util/error.h"
#include "db/postgres_migrations.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

/// What opening says: kind and text.
struct Refusal {
  std::optional<ErrorKind> kind;
  std::string text;
};

Refusal refusal_of(const StoreAddress& address, OpenMode mode) {
  try {
    open_postgres_store(address, mode);
  } catch (const Error& error) {
    CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
    return {error.kind(), error.what()};
  }
  return {};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The store as an earlier version made it, with a study and a trial that runs.
void make_version(std::int64_t version, const StoreAddress& address) {
  PostgresConnection connection(address, true, {});
  connection.run_script(
      "CREATE SCHEMA searchlight; CREATE TABLE schema_version (the_only_row boolean PRIMARY KEY "
      "DEFAULT true CHECK (the_only_row), application bigint NOT NULL, version bigint NOT NULL)");
  const auto steps = static_cast<std::size_t>(version - kFirstPostgresVersion + 1);
  for (const std::string_view sql : postgres_migrations().first(steps)) {
    const std::regex place("\\{schema\\}");
    connection.run_script(std::regex_replace(std::string(sql), place, "searchlight"));
  }
  connection.execute("INSERT INTO schema_version (application, version) VALUES (?, ?)",
                     kApplicationId, version);
  connection.run_script(
      "INSERT INTO space (name, version) VALUES ('nasbench201', '1'); "
      "INSERT INTO environment (version, libraries, cpu, threads) VALUES ('', '', '', 1); "
      "INSERT INTO study (name, space_id, searcher, config, seed, budget_trials, state, "
      "environment_id, created_us, updated_us) VALUES ('s', 1, 'random', '', 1, 9, 'running', 1, "
      "1, 1); INSERT INTO architecture (space_id, digest, text, published_params, published_macs, "
      "created_us) VALUES (1, repeat('a', 32), 't', 1, 1, 1); INSERT INTO trial (study_id, number, "
      "architecture_id, state, worker, token, lease_until_us, started_us) VALUES (1, 0, 1, "
      "'running', 'host:1:0', 1, 60000000, 1); INSERT INTO proposal (trial_id, token, searcher, "
      "reason) VALUES (1, 1, 'random', '')");
}

}  // namespace

TEST_CASE(
    "a store of every earlier version is brought up to date by who writes, and keeps its rows") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  for (std::int64_t version = kFirstPostgresVersion; version < postgres_schema_version();
       ++version) {
    CAPTURE(version);
    const StoreAddress address = server.address(server.new_database());
    make_version(version, address);
    const Refusal refusal = refusal_of(address, OpenMode::kReadOnly);
    CHECK(refusal.kind == ErrorKind::kUnsupported);
    CHECK_MESSAGE(contains(refusal.text, "nasctl db upgrade"), refusal.text);
    const auto store = open_postgres_store(address, OpenMode::kReadWrite);
    CHECK(store->stats().schema_version == postgres_schema_version());
    REQUIRE(store->trials(1).size() == 1);
    CHECK(store->finish(sample_finish({1, 1, 1}, 90)));
    complete_trial(*store, 1, 1, 91);
    CHECK(store->find_study("s").value().trials_complete == 2);
    CHECK(store->check().empty());
  }
}

TEST_CASE("a store on a server is made once, and found by all modes") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const StoreAddress address = server.address(server.new_database());
  CHECK_FALSE(postgres_store_exists(address));
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite}) {
    const Refusal refusal = refusal_of(address, mode);
    CHECK(refusal.kind == ErrorKind::kIo);
    CHECK_MESSAGE(contains(refusal.text, "holds no results yet"), refusal.text);
  }
  open_postgres_store(address, OpenMode::kCreate)->create_study(sample_study("s"));
  CHECK(postgres_store_exists(address));
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate})
    CHECK(open_postgres_store(address, mode)->find_study("s").has_value());
  const auto reader = open_postgres_store(address, OpenMode::kReadOnly);
  CHECK_THROWS_WITH_AS(reader->create_study(sample_study("t")),
                       doctest::Contains("open for reading only"), Error);
  const StoreStats stats = reader->stats();
  CHECK(stats.backend.starts_with("PostgreSQL 1"));
  CHECK(stats.schema_version == postgres_schema_version());
  CHECK(stats.file_bytes > 0);
}

TEST_CASE("a store on a server has the tables, views and version of a SQLite file") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const StoreAddress address = server.address(server.new_database());
  const auto store = open_postgres_store(address, OpenMode::kCreate);
  const TemporaryDirectory directory;
  const auto file = open_sqlite_store(directory.path() / "s.db", OpenMode::kCreate);
  CHECK(store->stats().schema_version == file->stats().schema_version);
  CHECK(store->stats().table_rows == file->stats().table_rows);
  const auto columns = [](const Store& of, const std::string& view) {
    return of.query("SELECT * FROM " + view + " LIMIT 0", 1).columns;
  };
  for (const auto& [table, rows] : file->stats().table_rows) {
    std::vector<std::string> ours = columns(*store, table), others = columns(*file, table);
    std::sort(ours.begin(), ours.end());
    std::sort(others.begin(), others.end());
    CHECK_MESSAGE(ours == others, table);
  }
  for (const char* view : {"leaderboard", "pareto", "latency", "benchmark_columns"})
    CHECK(columns(*store, view) == columns(*file, view));
}

TEST_CASE("several stores lie in one database under schemas of their own") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const std::string dsn = server.dsn(server.new_database());
  const auto team = [&](const std::string& name) {
    return StoreAddress::parse(dsn + "&options=-csearchlight.schema%3D" + name);
  };
  open_postgres_store(team("a"), OpenMode::kCreate)->create_study(sample_study("of a"));
  open_postgres_store(team("b"), OpenMode::kCreate)->create_study(sample_study("of b"));
  CHECK(open_postgres_store(team("a"), OpenMode::kReadOnly)->studies().size() == 1);
  CHECK(open_postgres_store(team("b"), OpenMode::kReadOnly)->find_study("of b").has_value());
  CHECK_FALSE(postgres_store_exists(StoreAddress::parse(dsn)));
}

TEST_CASE("eight workers that make one store at once make one") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const StoreAddress address = server.address(server.new_database());
  std::vector<std::string> errors(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& error : errors) {
      threads.emplace_back([&address, &error] {
        try {
          open_postgres_store(address, OpenMode::kCreate)->studies();
        } catch (const std::exception& failure) {
          error = failure.what();
        }
      });
    }
  }
  for (const std::string& error : errors) CHECK(error == "");
  CHECK(open_postgres_store(address, OpenMode::kReadOnly)->check().empty());
}

TEST_CASE("a newer schema, one of others and one without its parts are told apart") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.new_database();
  const StoreAddress address = server.address(database);
  open_postgres_store(address, OpenMode::kCreate);
  server.run_sql("DROP INDEX searchlight.metric_ranking", database);
  server.run_sql("ALTER TABLE searchlight.metric DISABLE TRIGGER metric_merit", database);
  const std::vector<std::string> problems =
      open_postgres_store(address, OpenMode::kReadOnly)->check();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0] == "schema: relation metric_ranking is missing");
  CHECK(problems[1] == "schema: trigger metric_merit is switched off");

  server.run_sql("UPDATE searchlight.schema_version SET version = 99", database);
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate}) {
    const Refusal refusal = refusal_of(address, mode);
    CHECK(refusal.kind == ErrorKind::kUnsupported);
    CHECK_MESSAGE(contains(refusal.text, "use a newer Searchlight"), refusal.text);
  }
  server.run_sql("UPDATE searchlight.schema_version SET application = 1", database);
  CHECK(refusal_of(address, OpenMode::kReadOnly).kind == ErrorKind::kData);

  const std::string other = server.new_database();
  server.run_sql("CREATE SCHEMA searchlight; CREATE TABLE searchlight.accounts (id int)", other);
  const Refusal refusal = refusal_of(server.address(other), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kData);
  CHECK_MESSAGE(contains(refusal.text, "'accounts'"), refusal.text);
}

TEST_CASE("a server that is not there, a missing database and an odd encoding are said in a line") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  Refusal refusal =
      refusal_of(StoreAddress::parse("postgresql://u@/d?host=/nowhere"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kIo);
  CHECK_MESSAGE(contains(refusal.text, "cannot be reached"), refusal.text);
  refusal = refusal_of(server.address("absent"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kIo);
  CHECK_MESSAGE(contains(refusal.text, "\"absent\" does not exist"), refusal.text);
  refusal = refusal_of(server.address("postgres", "nobody_knows"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kIo);
  CHECK_MESSAGE(contains(refusal.text, "\"nobody_knows\" does not exist"), refusal.text);
  server.run_sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  refusal = refusal_of(server.address("latin"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kUnsupported);
  CHECK_MESSAGE(contains(refusal.text, "LATIN1"), refusal.text);
}

TEST_CASE("a wrong password is refused and never shown") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.new_database();
  server.run_sql("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'open sesame'");
  server.require_password("guarded");
  const auto with = [&](const std::string& user) {
    return StoreAddress::parse(server.dsn(database, user));
  };
  Refusal refusal = refusal_of(with("guarded:wr0ng-secret"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kUnsupported);
  CHECK_MESSAGE(contains(refusal.text, "is the password right?"), refusal.text);
  CHECK_FALSE(contains(refusal.text, "wr0ng"));
  refusal = refusal_of(with("guarded"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kUnsupported);
  CHECK_MESSAGE(contains(refusal.text, "wants a password"), refusal.text);
  const auto store = open_postgres_store(with("guarded:open%20sesame"), OpenMode::kCreate);
  CHECK(store->connect()->studies().empty());  // another connection, the same password
  ::setenv("PGPASSWORD", "open sesame", 1);
  CHECK(refusal_of(with("guarded"), OpenMode::kReadWrite).text == "");
  ::unsetenv("PGPASSWORD");
}

TEST_CASE("a user who may only read reads, and is told so when it writes") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.new_database();
  open_postgres_store(server.address(database), OpenMode::kCreate)->create_study(sample_study("s"));
  server.run_sql("CREATE ROLE reader LOGIN");
  const StoreAddress address = server.address(database, "reader");
  Refusal refusal = refusal_of(address, OpenMode::kReadOnly);
  CHECK(refusal.kind == ErrorKind::kUnsupported);
  CHECK_MESSAGE(contains(refusal.text, "may not read the schema"), refusal.text);
  server.run_sql(
      "GRANT USAGE ON SCHEMA searchlight TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA "
      "searchlight TO reader",
      database);
  CHECK(open_postgres_store(address, OpenMode::kReadOnly)->find_study("s").has_value());
  for (const OpenMode mode : {OpenMode::kReadWrite, OpenMode::kCreate}) {
    refusal = refusal_of(address, mode);
    CHECK(refusal.kind == ErrorKind::kUnsupported);
    CHECK_MESSAGE(contains(refusal.text, "'reader' may only read"), refusal.text);
  }
  // Nor may it make a store.
  refusal = refusal_of(server.address(server.new_database(), "reader"), OpenMode::kCreate);
  CHECK(refusal.kind == ErrorKind::kUnsupported);
  CHECK_MESSAGE(contains(refusal.text, "does not let this user"), refusal.text);
}

}  // namespace nas::test
