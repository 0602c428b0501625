#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/typed_query.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "db/sqlite_store.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

struct Fixture {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "r.db";
  std::unique_ptr<Store> store = open_sqlite_store(path, OpenMode::kCreate);
  StudyRow study = store->create_study(sample_study("s"));

  std::string first(std::string_view sql) {
    const QueryResult result = store->query(sql, 1);
    return result.rows.at(0).at(0).value_or("NULL");
  }
};

}  // namespace

TEST_CASE("a query gives columns, rows up to the limit, and values that read back") {
  Fixture fixture;
  complete_trial(*fixture.store, fixture.study.id, 0, 0.1);
  const QueryResult result = fixture.store->query(
      "SELECT value AS v, name, NULL, 1e999, x'00ff', 3 FROM metric; -- done", 10);
  CHECK(result.columns.at(0) == "v");
  REQUIRE(result.rows.size() == 1);
  const auto& row = result.rows[0];
  CHECK(row[0] == "0.1");
  CHECK(row[1] == "accuracy");
  CHECK_FALSE(row[2].has_value());
  CHECK(row[3] == "inf");
  CHECK(row[4] == "x'00ff'");
  CHECK(row[5] == "3");
  const char* series =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100) SELECT i FROM n";
  CHECK(fixture.store->query(series, 1000).rows.size() == 100);
  CHECK(fixture.store->query(series, 7).rows.size() == 7);
  CHECK(fixture.store->query(series, 0).rows.empty());
  CHECK(fixture.store->query("PRAGMA table_info(trial)", 100).rows.size() == 16);
}

TEST_CASE("a query knows its numbers, ends when asked to, and takes no more memory than it may") {
  Fixture fixture;
  NumberFlags numbers;
  dynamic_cast<const TypedQuery&>(*fixture.store)
      .typed_query("SELECT 1, 0.5, '1', x'00', NULL", 1, numbers);
  CHECK(numbers == NumberFlags{{true, true, false, false, false}});
  CHECK_THROWS_WITH_AS(fixture.store->query("SELECT hex(zeroblob(499999999))", 1),
                       doctest::Contains("64 MB"), Error);
  const char* endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT ";
  CHECK_THROWS_WITH_AS(
      fixture.store->query(std::string(endless) + "hex(zeroblob(20000000)) FROM n", 1'000'000),
      doctest::Contains("256 MB"), Error);
  std::stop_source stop;
  SqliteOptions options;
  options.stop = stop.get_token();
  const auto store = open_sqlite_store(fixture.path, OpenMode::kReadOnly, options);
  CHECK(store->query("SELECT 1", 1).rows.size() == 1);
  stop.request_stop();
  CHECK_THROWS_WITH_AS(store->query(std::string(endless) + "count(*) FROM n", 1),
                       doctest::Contains("interrupted"), Error);
}

TEST_CASE("a query that would write, or reach outside the database, is refused") {
  Fixture fixture;
  const std::string other = (fixture.directory.path() / "other.db").string();
  const std::vector<std::string> refused = {
      "DELETE FROM study",
      "INSERT INTO event (at_us, kind, text) VALUES (1, 'a', 'b')",
      "UPDATE study SET name = 'x'",
      "DROP TABLE study",
      "CREATE TABLE t (x)",
      "CREATE TEMP TABLE t (x)",
      "ATTACH '" + other + "' AS other",
      "DETACH main",
      "VACUUM",
      "VACUUM INTO '" + other + "'",
      "PRAGMA user_version = 7",
      "PRAGMA application_id = 7",
      "PRAGMA journal_mode = DELETE",
      "PRAGMA writable_schema = ON",
      "PRAGMA query_only = OFF",
      "BEGIN",
      "BEGIN IMMEDIATE",
      "COMMIT",
      "SAVEPOINT a",
      "ANALYZE",
      "REINDEX",
      "SELECT load_extension('x')",
      "WITH a AS (SELECT 1) DELETE FROM trial",
      "SELECT 1; DELETE FROM study",
      "SELECT 1; SELECT 2"};
  for (const std::string& sql : refused) {
    CAPTURE(sql);
    CHECK_THROWS_WITH_AS(fixture.store->query(sql, 10), doctest::Contains("query: "), Error);
  }
  for (const char* sql :
       {"", "  -- nothing", "SELEC 1", "SELECT absent FROM study", "SELECT * FROM absent"}) {
    CAPTURE(sql);
    CHECK_THROWS_WITH_AS(fixture.store->query(sql, 10), doctest::Contains("query: "), Error);
  }
  CHECK_FALSE(std::filesystem::exists(other));
  CHECK(fixture.first("PRAGMA user_version") == std::to_string(sqlite_schema_version()));
  // The store itself still writes after a guarded query.
  CHECK(fixture.store->create_study(sample_study("t")).id > fixture.study.id);
  CHECK(fixture.store->check().empty());
}

TEST_CASE("the leaderboard and its view are answered by an index without sorting") {
  Fixture fixture;
  for (const std::string direction : {"DESC", "ASC"}) {
    std::string steps;
    for (const auto& row :
         fixture.store
             ->query(
                 "EXPLAIN QUERY PLAN SELECT trial, value FROM leaderboard WHERE study = 's' AND "
                 "metric = 'accuracy' ORDER BY value " +
                     direction + " LIMIT 10",
                 100)
             .rows) {
      steps += row.at(3).value() + "\n";
    }
    CAPTURE(steps);
    CHECK(steps.find("metric_ranking (study_id=? AND name=?)") != std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
    CHECK(steps.find("SCAN") == std::string::npos);
  }
}

TEST_CASE("the pareto view equals the definition for one to four objectives") {
  for (const std::size_t objectives : {1, 2, 3, 4}) {
    Fixture fixture;
    StudySpec spec = sample_study("p");
    spec.objectives.clear();
    const bool maximize[] = {true, false, true, false};
    const char* names[] = {"accuracy", "latency_ms@host", "score", "params"};
    for (std::size_t i = 0; i < objectives; ++i) spec.objectives.push_back({names[i], maximize[i]});
    const StudyRow study = fixture.store->create_study(spec);

    Rng rng(RngKey{.seed = objectives, .purpose = Purpose::kTest});
    std::vector<std::vector<double>> merits;
    for (std::int64_t number = 0; number < 60; ++number) {
      TrialFinish finish =
          sample_finish(fixture.store->claim(sample_claim(study.id, number)).value(), 0);
      finish.metrics.clear();
      auto& merit = merits.emplace_back();
      for (const char* name : {"accuracy", "latency_ms", "score", "params"}) {
        const auto value = static_cast<double>(rng.below(8));  // small numbers: many ties
        merit.push_back(maximize[merit.size()] ? value : -value);
        finish.metrics.push_back(sample_metric(name, value));
      }
      fixture.store->finish(finish);
    }
    std::string expected;
    for (std::size_t i = 0; i < merits.size(); ++i) {
      bool dominated = false;
      for (const auto& other : merits) {
        bool no_worse = true;
        bool better = false;
        for (std::size_t k = 0; k < objectives; ++k) {
          no_worse = no_worse && other[k] >= merits[i][k];
          better = better || other[k] > merits[i][k];
        }
        dominated = dominated || (no_worse && better);
      }
      if (!dominated) expected += std::to_string(i) + " ";
    }
    std::string found;
    const QueryResult result = fixture.store->query(
        "SELECT trial, value_1, value_2 FROM pareto WHERE study = 'p' ORDER BY trial", 100);
    for (const auto& row : result.rows) {
      found += row.at(0).value() + " ";
      const auto trial = static_cast<std::size_t>(std::stoll(row.at(0).value()));
      CHECK(std::stod(row.at(1).value()) == merits[trial][0]);
      CHECK(row.at(2).has_value() == (objectives > 1));
      if (objectives > 1) CHECK(std::stod(row.at(2).value()) == -merits[trial][1]);
    }
    CHECK(found == expected);
    CHECK_FALSE(found.empty());
  }
}

TEST_CASE("the pareto view leaves out trials that lack an objective or are infeasible") {
  Fixture fixture;  // accuracy, latency_ms@host
  const auto finish = [&](std::int64_t number, double accuracy, double latency, TrialState state) {
    TrialFinish result = sample_finish(
        fixture.store->claim(sample_claim(fixture.study.id, number)).value(), accuracy);
    result.metrics.push_back(sample_metric("latency_ms", latency));
    result.state = state;
    fixture.store->finish(result);
  };
  finish(0, 90, 5, TrialState::kComplete);
  finish(1, 99, 1, TrialState::kInfeasible);
  finish(2, 99, std::nan(""), TrialState::kComplete);
  complete_trial(*fixture.store, fixture.study.id, 3, 98);
  const QueryResult result = fixture.store->query("SELECT trial FROM pareto", 10);
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0][0] == "0");
}

TEST_CASE("the latency view lists what was timed where") {
  Fixture fixture;
  TrialFinish finish =
      sample_finish(fixture.store->claim(sample_claim(fixture.study.id, 0)).value(), 90);
  finish.metrics.push_back(sample_metric("latency_ms", 1.5));
  finish.metrics.push_back(sample_metric("latency_ms", std::nan("")));
  fixture.store->finish(finish);
  const QueryResult result = fixture.store->query(
      "SELECT device, settings, latency_ms, source, space, architecture FROM latency", 10);
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0][0] == "host");
  CHECK(result.rows[0][1] == host_device().settings);
  CHECK(result.rows[0][2] == "1.5");
  CHECK(result.rows[0][3] == "measured");
  CHECK(result.rows[0][4] == "nasbench201");
  CHECK(result.rows[0][5] == "|conv~0|");
}

TEST_CASE("every query of docs/database.md runs") {
  Fixture fixture;
  complete_trial(*fixture.store, fixture.study.id, 0, 90);
  const std::string page = read_file(NAS_DB_DOCUMENTATION);
  const std::string fence = "```sql\n";
  int queries = 0;
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    const std::string sql = page.substr(at, page.find("```", at) - at);
    CAPTURE(sql);
    CHECK_NOTHROW(fixture.store->query(sql, 100));
    ++queries;
  }
  CHECK(queries >= 9);
}

TEST_CASE("docs/database.md explains every table, view and column") {
  Fixture fixture;
  const std::string page = read_file(NAS_DB_DOCUMENTATION);
  const QueryResult objects = fixture.store->query(
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'",
      100);
  CHECK(objects.rows.size() == 32);
  for (const auto& object : objects.rows) {
    const std::string name = object.at(0).value();
    const std::size_t begin = page.find("**" + name + "** - ");
    CAPTURE(name);
    REQUIRE(begin != std::string::npos);
    const std::string entry = page.substr(begin, page.find("\n**", begin) - begin);
    for (const auto& column : fixture.store->query("PRAGMA table_info(" + name + ")", 100).rows) {
      const std::string& text = column.at(1).value();
      if (text == "id" || text.ends_with("_id")) continue;
      CAPTURE(text);
      CHECK((entry.find("`" + text + "`") != std::string::npos || text.rfind("value_", 0) == 0));
    }
  }
}

TEST_CASE("stats count the rows of every table") {
  Fixture fixture;
  complete_trial(*fixture.store, fixture.study.id, 0, 90);
  const StoreStats stats = fixture.store->stats();
  CHECK(stats.table_rows.size() == 28);
  CHECK(stats.file_bytes > 4096);
  CHECK(stats.backend.rfind("SQLite 3.", 0) == 0);
  for (const auto& [table, rows] : stats.table_rows) {
    const bool filled = table.rfind("benchmark", 0) != 0 && table.rfind("artifact", 0) != 0 &&
                        table != "curve" && table != "study_curve" && table != "dataset" &&
                        table != "device" && table != "event" && table != "model" &&
                        table != "predictor" && table != "allocation" && table != "queue" &&
                        table != "study_lead" && table != "worker";
    CAPTURE(table);
    CHECK(rows == (table == "objective" ? 2 : filled ? 1 : 0));
  }
}

}  // namespace nas::test
