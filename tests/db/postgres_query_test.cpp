#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "core/api/typed_query.h"
#include "core/util/error.h"
#include "db/postgres_statement.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

std::unique_ptr<Store> new_store(const PostgresOptions& options = {}) {
  PostgresServer& server = PostgresServer::shared();
  return open_postgres_store(server.address(server.new_database()), OpenMode::kCreate, options);
}

}  // namespace

TEST_CASE("parameters get numbers outside of quotes") {
  CHECK(postgres_sql("SELECT ?, '?', ?") == "SELECT $1, '?', $2");
  CHECK(postgres_sql("VALUES (?, ?3, ?, ?1)") == "VALUES ($1, $3, $4, $1)");
  CHECK(postgres_sql("'it''s ?' || ?12") == "'it''s ?' || $12");
}

TEST_CASE("free queries on a server read and nothing else") {
  if (!PostgresServer::available()) return;
  const auto store = new_store();
  const StudyRow study = store->create_study(sample_study("s"));
  const auto refused = [&](const std::string& sql, const char* why) {
    CHECK_THROWS_WITH_AS(store->query(sql, 10), doctest::Contains(why), Error);
  };
  refused("DELETE FROM study", "only statements that read");
  refused("WITH gone AS (DELETE FROM study RETURNING 1) SELECT * FROM gone",
          "only statements that read");
  refused("SELECT * FROM study FOR UPDATE", "only statements that read");
  refused("SELECT nextval('study_id_seq')", "only statements that read");
  refused("DO $$ BEGIN DELETE FROM study; END $$", "only statements that read");
  refused("COMMIT", "only statements that read");
  refused("SELECT 1; DROP TABLE merit", "more than one statement");
  refused("", "is empty");
  refused(" -- nothing\n", "is empty");
  refused(std::string("SELECT 1\0", 9), "NUL");
  refused("SELECT * FROM absent", "\"absent\" does not exist");
  refused("SELECT 1/0", "division by zero");
  CHECK(store->find_study("s").has_value());
  CHECK(store->query("/* a */ (SELECT 1);", 10).rows.at(0).at(0) == "1");
  CHECK(store->query("SELECT * FROM generate_series(1, 5000)", 4321).rows.size() == 4321);
  CHECK(store->query("SELECT * FROM generate_series(1, 3)", 0).columns.size() == 1);
}

TEST_CASE("values of free queries have the words and types of a SQLite file") {
  if (!PostgresServer::available()) return;
  const auto store = new_store();
  NumberFlags numbers;
  const QueryResult result = dynamic_cast<const TypedQuery&>(*store).typed_query(
      "SELECT 1 AS a, CAST(0.1 AS float8) AS b, 'x' AS c, NULL AS d, CAST('\\xab' AS bytea) AS "
      "e, CAST(1e300 AS float8) AS f, count(*) AS g, '12' AS h",
      5, numbers);
  CHECK(result.columns == std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h"});
  using Row = std::vector<std::optional<std::string>>;
  CHECK(result.rows.at(0) == Row{"1", "0.1", "x", std::nullopt, "x'ab'", "1e+300", "1", "12"});
  CHECK(numbers.at(0) == std::vector<bool>{true, true, false, false, false, true, true, false});
}

TEST_CASE("a query and a check end soon after a stop") {
  if (!PostgresServer::available()) return;
  std::stop_source source;
  PostgresOptions options;
  options.stop = source.get_token();
  const auto store = new_store(options);
  const auto start = std::chrono::steady_clock::now();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    source.request_stop();
  });
  CHECK_THROWS_WITH_AS(store->query("SELECT pg_sleep(60)", 1), doctest::Contains("interrupted"),
                       Error);
  CHECK_THROWS_WITH_AS(store->check(), doctest::Contains("interrupted"), Error);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

}  // namespace nas::test
