#include "db/migrations.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/api/device_store.h"
#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "db/database_file.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;

/// Each released version has a fixture; versions 3 and 5 were never alone.
constexpr int kReleased[] = {1, 2, 4, 6, 7, 8, 9, 10};

// A database as released version `version` left it. The dumps are frozen: a later version adds one,
// it never changes an older one.
fs::path make_from_dump(const fs::path& directory, int version) {
  const fs::path path = directory / ("v" + std::to_string(version) + ".db");
  std::ofstream(path, std::ios::binary).close();  // SQLite takes an empty file for a new database
  SqliteConnection connection({path, Access::kWrite, {}});
  connection.run_script(
      read_file(fs::path(NAS_DB_FIXTURES) / ("schema_v" + std::to_string(version) + ".sql")));
  return path;
}

std::optional<Digest> no_space(const StoredArchitecture&) {
  return std::nullopt;
}

/// Text and digest of every architecture of a space, ascending by id.
std::vector<std::pair<std::string, std::string>> digests_of(const Store& store,
                                                            const std::string& space) {
  const QueryResult result = store.query(
      "SELECT text, digest FROM architecture JOIN space ON space.id = space_id WHERE name = '" +
          space + "' ORDER BY architecture.id",
      100);
  std::vector<std::pair<std::string, std::string>> digests;
  for (const auto& row : result.rows) digests.emplace_back(row[0].value(), row[1].value());
  return digests;
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

// What version 6 brought.
void check_version_6(const Store& store) {
  const ModelRow speaker = store.models(2).at(0);
  CHECK(speaker.metric == "test_eer");
  CHECK(speaker.value == 3.25);
}

// What version 7 brought.
void check_version_7(const Store& store) {
  const ArtifactRow net = store.find_artifact("supernet", "net").value();
  CHECK(net.bytes == 1234);
  CHECK(store.artifact_curve(net.id).size() == 2);
  CHECK(store.study_curve(1).size() == 2);
}

// What version 8 brought: columns of a device say what its settings say.
void check_version_8(const Store& store) {
  const QueryResult devices = store.query(
      "SELECT name, batch, threads, precision, machine || runtime, added_us FROM device "
      "ORDER BY id",
      10);
  using Row = std::vector<std::optional<std::string>>;
  CHECK(devices.rows.at(0) == Row{"host", "1", "1", "float32", "", std::nullopt});
  if (devices.rows.size() == 1) return;
  CHECK(devices.rows.at(1) == Row{"v100", "64", std::nullopt, "float32", "", std::nullopt});
  CHECK(devices.rows.at(2) == Row{"phone", std::nullopt, std::nullopt, "", "", std::nullopt});
  CHECK(device_store(store)
            .device_values({"host", "cpu", "batch=1,threads=1,precision=float32"})
            .size() >= 1);
}

// What version 9 brought.
void check_version_9(Store& store, std::int64_t study_id) {
  CHECK(worker_registry(store).judged_elsewhere(study_id).empty());
  const Lead lead = study_leads(store).lead({.study_id = study_id, .who = "host:1"}).value();
  CHECK(trial_queue(store).enqueue(lead, {"nasbench201", "", "random"},
                                   std::vector<QueuedTrial>{{.number = 50, .text = "|new|"}}));
  const auto taken = trial_queue(store).take({.study_id = study_id, .worker = "host:2:0"});
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].number == 50);
  CHECK(trial_queue(store).finish_all(
            std::vector<TrialFinish>{sample_finish(taken[0].claim, 90)}) == std::vector{true});
}

}  // namespace

TEST_CASE("a database of every released schema opens, is brought up to date and keeps its rows") {
  for (const int version : kReleased) {
    CAPTURE(version);
    const TemporaryDirectory directory;
    const fs::path path = make_from_dump(directory.path(), version);
    const auto store = open_sqlite_store(path, OpenMode::kReadWrite, {.digest_of = no_space});
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
    if (version >= 6) check_version_6(*store);
    if (version >= 7) check_version_7(*store);
    check_version_8(*store);
    const std::size_t points = store->study_curve(study.id).size();
    store->put_study_record(study.id, {{{1, "loss", 0.5}}, {}});
    CHECK(store->study_curve(study.id).size() == points + 1);
    CHECK(store->artifacts("supernet").size() == (version >= 7 ? 1 : 0));
    complete_trial(*store, study.id, 3, 99);
    const bool has_queue = version >= 9;
    CHECK(trial_queue(*store).backlog().size() == (has_queue ? 1 : 0));
    CHECK(worker_registry(*store).workers(0).size() == (has_queue ? 1 : 0));
    check_version_9(*store, study.id);
    check_sound(*store);
  }
}

TEST_CASE("version 5 asks for the digest of every architecture, with the settings of its space") {
  const TemporaryDirectory directory;
  const fs::path path = make_from_dump(directory.path(), 4);
  std::vector<std::string> asked;
  const DigestOf digest_of = [&](const StoredArchitecture& stored) -> std::optional<Digest> {
    asked.push_back(stored.space + " " + stored.space_version + stored.space_settings);
    if (stored.space == "darts") return std::nullopt;
    return Digest{{stable_hash(stored.text), stable_hash(stored.space_settings)}};
  };
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite, {.digest_of = digest_of});
  std::map<std::string, int> counts;
  for (const std::string& space : asked) ++counts[space];
  CHECK(counts == std::map<std::string, int>{{"nasbench201 1", 7},
                                             {"ofa_mobilenetv3 1", 2},
                                             {"ofa_mobilenetv3 1; space.width_multiplier=1.2", 2},
                                             {"darts 1", 2}});
  for (const auto& [text, digest] : digests_of(*store, "nasbench201")) {
    CHECK(digest == to_hex(Digest{{stable_hash(text), stable_hash("")}}));
  }
  CHECK(digests_of(*store, "darts")[0].second == "1d4d49fc11b341e62944e6dedea2e8ae");
  check_sound(*store);
}

TEST_CASE("version 5 keeps the digest of a row that is unknown, or would become another's") {
  const TemporaryDirectory directory;
  const fs::path path = make_from_dump(directory.path(), 4);
  {
    SqliteConnection connection({path, Access::kWrite, {}});
    connection.run_script(  // which multiplier they had is no longer known; two rows of one text
        "UPDATE trial SET network_id = NULL; UPDATE metric SET network_id = NULL;"
        "UPDATE architecture SET text = '|a|' WHERE id IN (1, 2)");
  }
  const DigestOf same = [](const StoredArchitecture&) { return Digest{{7, 7}}; };
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite, {.digest_of = same});
  const auto cells = digests_of(*store, "nasbench201");
  CHECK(cells[0].second == to_hex(Digest{{7, 7}}));
  CHECK(cells[1].second == "00000000000000010000000000000001");
  CHECK(digests_of(*store, "ofa_mobilenetv3")[0].second == "10588c2b86bfb2d7c4b749db8049a5e6");
  check_sound(*store);
}

TEST_CASE("version 5 is refused without the means to compute digests, and nothing is changed") {
  const TemporaryDirectory directory;
  const fs::path path = make_from_dump(directory.path(), 4);
  CHECK(error_of([&] {
          open_sqlite_store(path, OpenMode::kReadWrite);
        }).find("digests of architectures must be computed anew") != std::string::npos);
  const DigestOf broken = [](const StoredArchitecture&) -> std::optional<Digest> {
    throw Error(ErrorKind::kIo, "out of luck");
  };
  CHECK(error_of([&] {
          open_sqlite_store(path, OpenMode::kReadWrite, {.digest_of = broken});
        }).find("out of luck") != std::string::npos);
  SqliteConnection connection({path, Access::kWrite, {.digest_of = no_space}});
  CHECK(schema_version(connection) == 4);
  migrate(connection, schema_migrations());
  // The function was lent to the migration: nothing that is stored may ever need it.
  CHECK_THROWS_AS(connection.run_script("SELECT searchlight_digest('', '', '', '')"), Error);
}

TEST_CASE("migrations run in order, once, and only forward") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  open_sqlite_store(path, OpenMode::kCreate)->create_study(sample_study("s"));
  std::vector<std::string_view> migrations(schema_migrations().begin(), schema_migrations().end());
  migrations.push_back("ALTER TABLE study ADD COLUMN note TEXT NOT NULL DEFAULT 'none';");
  migrations.push_back("UPDATE study SET note = note || '!';");
  {
    SqliteConnection connection({path, Access::kWrite, {}});
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
          SqliteConnection connection({path, Access::kWrite, {}});
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
    SqliteConnection connection({path, Access::kWrite, {}});
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
