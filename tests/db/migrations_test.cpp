#include "db/migrations.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "db/connection.h"
#include "db/database_file.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;

/// Each released version has a fixture.
constexpr int kNewestReleased = 2;

// A database as released version `version` left it. The dumps are frozen: a later version adds one,
// it never changes an older one.
fs::path make_from_dump(const fs::path& directory, int version) {
  const fs::path path = directory / ("v" + std::to_string(version) + ".db");
  std::ofstream(path, std::ios::binary).close();  // SQLite takes an empty file for a new database
  Connection connection({path, Access::kWrite, {}});
  connection.run_script(
      read_file(fs::path(NAS_DB_FIXTURES) / ("schema_v" + std::to_string(version) + ".sql")));
  return path;
}

// What version 2 brought.
void check_version_2(const Store& store) {
  const auto benchmark = store.open_benchmark(
      "table", std::vector<std::string>{"loss:dataset=cifar10,split=train,epochs=2"});
  CHECK(benchmark->info().space == "nasbench201");
  CHECK(benchmark->find("|b~0|") == 1);
  CHECK(benchmark->value(0, 0) == 90.5);
  CHECK(std::isinf(benchmark->value(0, 1)));
  CHECK(benchmark->values(1)[2] == 3);
  CHECK(store.predictors().at(0).plugin == "gp");
}

}  // namespace

TEST_CASE("a database of every released schema opens, is brought up to date and keeps its rows") {
  for (int version = 1; version <= kNewestReleased; ++version) {
    CAPTURE(version);
    const TemporaryDirectory directory;
    const fs::path path = make_from_dump(directory.path(), version);
    const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
    CHECK(store->stats().schema_version == sqlite_schema_version());
    check_sound(*store);

    const StudyRow study = store->find_study("fixture").value();
    CHECK(study.state == StudyState::kPaused);
    CHECK(study.trials_complete == 2);
    CHECK(study.trials_failed == 1);
    const std::vector<TrialRow> trials = store->trials(study.id);
    REQUIRE(trials.size() == 3);
    CHECK(trials[0].metrics.at(0).value == 90.5);
    CHECK(trials[0].metrics.at(1).device->name == "host");
    CHECK(trials[2].error == "loss is not finite");
    CHECK(store->leaderboard(study.id, {"accuracy", true}, 1).at(0).trial_number == 1);
    CHECK(store->curve(trials[0].id).size() == 2);
    CHECK(store->models(trials[0].architecture_id).size() == 1);
    if (version >= 2) check_version_2(*store);
    complete_trial(*store, study.id, 3, 99);
    check_sound(*store);
  }
}

TEST_CASE("migrations run in order, once, and only forward") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  open_sqlite_store(path, OpenMode::kCreate)->create_study(sample_study("s"));
  std::vector<std::string_view> migrations(schema_migrations().begin(), schema_migrations().end());
  migrations.push_back("ALTER TABLE study ADD COLUMN note TEXT NOT NULL DEFAULT 'none';");
  migrations.push_back("UPDATE study SET note = note || '!';");
  {
    Connection connection({path, Access::kWrite, {}});
    migrate(connection, migrations);
    migrate(connection, migrations);
    CHECK(schema_version(connection) == static_cast<std::int64_t>(migrations.size()));
    CHECK(connection.select("SELECT note FROM study").next_text() == "none!");
    CHECK(connection.select("PRAGMA foreign_keys").next_text() == "1");
    CHECK_THROWS_WITH_AS(migrate(connection, schema_migrations()),
                         doctest::Contains("use a newer Searchlight"), Error);
  }
  // To this program the result is a newer database.
  CHECK(error_of([&] { open_sqlite_store(path, OpenMode::kReadWrite); }).find("newer") !=
        std::string::npos);
}

TEST_CASE("a migration that fails, or breaks references, leaves the database as it was") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  complete_trial(*store, store->create_study(sample_study("s")).id, 0, 90);
  for (const std::string_view bad : {"CREATE TABLE t (x); SELECT broken FROM nowhere;",
                                     "CREATE TABLE t (x); DELETE FROM architecture;"}) {
    std::vector<std::string_view> migrations(schema_migrations().begin(),
                                             schema_migrations().end());
    migrations.push_back(bad);
    CHECK_THROWS_AS(
        [&] {
          Connection connection({path, Access::kWrite, {}});
          migrate(connection, migrations);
        }(),
        Error);
    CHECK(store->stats().schema_version == sqlite_schema_version());
    check_sound(*store);
  }
}

TEST_CASE("check names what differs from the schema") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  {
    Connection connection({path, Access::kWrite, {}});
    connection.run_script(
        "DROP INDEX event_study; DROP VIEW latency; CREATE VIEW latency AS SELECT 1 AS one;"
        "CREATE TABLE extra (x)");
  }
  const std::vector<std::string> problems = store->check();
  REQUIRE(problems.size() == 3);
  CHECK(problems[0] == "schema: index event_study is missing");
  CHECK(problems[1] == "schema: view latency is not defined as expected");
  CHECK(problems[2] == "schema: table extra is not part of Searchlight");
}

}  // namespace nas::test
