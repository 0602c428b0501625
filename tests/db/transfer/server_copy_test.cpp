#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "db/open_store.h"
#include "db/transfer/merge_stores.h"
#include "db/transfer/table_catalogue.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"
#include "tests/db/transfer/full_store.h"

using namespace nas;
using namespace nas::test;

namespace {

std::string contents(const CopyReport& report) {
  std::string text;
  for (const CopiedTable& table : report.tables)
    text += table.name + " " + std::to_string(table.rows) + " " + table.content + "\n";
  return text;
}

StoreAddress new_store(PostgresServer& server) {
  return server.address(server.new_database());
}

}  // namespace

TEST_CASE("table catalogue: the tables of a server's store are the same") {
  if (!PostgresServer::available()) return;
  const auto store = open_store(new_store(PostgresServer::shared()), OpenMode::kCreate);
  std::set<std::string> names;
  for (const TableRecord& table : store_tables()) {
    names.insert(std::string(table.name));
    std::set<std::string> record, schema;
    constexpr const char* kTypes[] = {"bigint", "double precision", "text", "bytea"};
    for (const TableColumn& column : table.columns) {
      record.insert(std::string(column.name) + " " + kTypes[static_cast<std::size_t>(column.type)] +
                    (column.nullable ? " YES" : " NO"));
    }
    const QueryResult columns = store->query(
        "SELECT column_name || ' ' || data_type || ' ' || is_nullable FROM "
        "information_schema.columns WHERE table_schema = current_schema() AND table_name = '" +
            std::string(table.name) + "'",
        100);
    for (const auto& row : columns.rows) schema.insert(row[0].value());
    INFO(table.name);
    CHECK(schema == record);
  }
  names.insert(present_tables().begin(), present_tables().end());
  for (const auto& [table, rows] : rows_by_table(*store)) {
    INFO(table, " has no record in db/transfer/table_catalogue.cpp");
    CHECK(names.contains(table));
  }
}

TEST_CASE("copy: a file becomes a server's store and a file again, with equal contents") {
  if (!PostgresServer::available()) return;
  const TemporaryDirectory directory;
  const StoreAddress file = directory.path() / "from.db";
  const StoreAddress back = directory.path() / "back.db";
  const StoreAddress server = new_store(PostgresServer::shared());
  fill_store(*open_store(file, OpenMode::kCreate));
  const CopyReport there = copy_store(file, server);
  CHECK(contents(copy_store(server, back)) == contents(there));
  const auto original = open_store(file, OpenMode::kReadWrite);
  const auto copy = open_store(server, OpenMode::kReadWrite);
  CHECK(rows_by_table(*original) == rows_by_table(*copy));
  check_sound(*copy);
  check_sound(*open_store(back, OpenMode::kReadOnly));
  for (const char* sql : {"SELECT study, metric, value, trial FROM leaderboard ORDER BY 1, 2, 4",
                          "SELECT study, trial, value_1, value_2 FROM pareto ORDER BY 1, 2",
                          "SELECT device, latency_ms, architecture FROM latency ORDER BY 1, 3"}) {
    CHECK(copy->query(sql, 100).rows == original->query(sql, 100).rows);
  }
  const StudySpec next = sample_study("next");
  CHECK(copy->create_study(next).id == original->create_study(next).id);
  CHECK_THROWS_WITH_AS(copy_store(file, server), doctest::Contains("is not empty"), Error);
  CHECK_THROWS_WITH_AS(copy_store(server, server), doctest::Contains("are the same store"), Error);
}

TEST_CASE("copy: one server's store becomes another's") {
  if (!PostgresServer::available()) return;
  const StoreAddress from = new_store(PostgresServer::shared());
  const StoreAddress to = new_store(PostgresServer::shared());
  fill_store(*open_store(from, OpenMode::kCreate));
  copy_store(from, to);
  CHECK(rows_by_table(*open_store(from, OpenMode::kReadOnly)) ==
        rows_by_table(*open_store(to, OpenMode::kReadOnly)));
}

TEST_CASE("merge: files of nodes come into a server's store, once") {
  if (!PostgresServer::available()) return;
  const TemporaryDirectory directory;
  const StoreAddress server = new_store(PostgresServer::shared());
  std::vector<StoreAddress> nodes;
  for (const char* name : {"a", "b", "c"}) {
    nodes.emplace_back(directory.path() / (std::string(name) + ".db"));
    const auto store = open_store(nodes.back(), OpenMode::kCreate);
    const StudyRow shared = store->create_study(sample_study("shared"));
    const auto first = static_cast<std::int64_t>(nodes.size() - 1) * 2;
    for (std::int64_t number = first; number < first + 4; ++number)
      complete_trial(*store, shared.id, number, 50 + static_cast<double>(number));
    complete_trial(*store, store->create_study(sample_study(name)).id, 0, 60);
  }
  merge_stores(nodes, server);
  const auto before = rows_by_table(*open_store(server, OpenMode::kReadOnly));
  CHECK(before.at("study") == 4);
  CHECK(before.at("trial") == 8 + 3);
  CHECK(before.at("merit") == 8 + 3);
  CHECK(before.at("fidelity") == 1);
  check_sound(*open_store(server, OpenMode::kReadOnly));
  for (const MergedTable& table : merge_stores(nodes, server).tables) {
    INFO(table.name);
    CHECK(table.added == 0);
  }
  CHECK(rows_by_table(*open_store(server, OpenMode::kReadOnly)) == before);
  // The other way round: a server's store is a source like any other.
  const StoreAddress file = directory.path() / "all.db";
  merge_stores(std::vector{server}, file);
  CHECK(rows_by_table(*open_store(file, OpenMode::kReadOnly)) == before);
}
