#include "db/transfer/table_catalogue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "db/open_connection.h"
#include "tests/db/transfer/full_store.h"

using namespace nas;
using namespace nas::test;

namespace {

using Texts = std::vector<std::string>;

const char* type_name(ColumnType type) {
  constexpr const char* kNames[] = {"INTEGER", "REAL", "TEXT", "BLOB"};
  return kNames[static_cast<std::size_t>(type)];
}

/// A line for each column of a table of the schema: "id INTEGER", "name TEXT NOT NULL",
/// "space_id INTEGER NOT NULL -> space".
Texts lines_of_schema(Connection& connection, const std::string& table) {
  Rows rows = connection.select(
      "SELECT name || ' ' || type || iif(\"notnull\" OR pk > 0, ' NOT NULL', '') || ifnull((SELECT "
      "' -> ' || \"table\" FROM pragma_foreign_key_list(?1) WHERE \"from\" = name), '') FROM "
      "pragma_table_info(?1)",
      table);
  Texts lines;
  while (rows.next()) lines.push_back(rows.string(0));
  return lines;
}

Texts key_of_schema(Connection& connection, const std::string& table) {
  Rows rows =
      connection.select("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table);
  Texts names;
  while (rows.next()) names.push_back(rows.string(0));
  return names;
}

Texts lines_of_record(const TableRecord& table) {
  Texts lines;
  for (const TableColumn& column : table.columns) {
    std::string line = std::string(column.name) + " " + type_name(column.type);
    if (!column.nullable) line += " NOT NULL";
    if (!column.refers_to.empty()) line += " -> " + std::string(column.refers_to);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("table catalogue: every table of the schema has a record that says the same") {
  const TemporaryDirectory directory;
  const auto store = open_store(directory.path() / "s.db", OpenMode::kCreate);
  const auto connection = connect_to(directory.path() / "s.db", OpenMode::kReadOnly);
  std::set<std::string> names;
  for (const TableRecord& table : store_tables()) {
    const std::string name(table.name);
    INFO(name);
    CHECK(names.insert(name).second);
    Texts schema = lines_of_schema(*connection, name);
    Texts record = lines_of_record(table);
    std::sort(schema.begin(), schema.end());
    std::sort(record.begin(), record.end());
    CHECK(schema == record);
    CHECK(key_of_schema(*connection, name) == Texts(table.key.begin(), table.key.end()));
  }
  for (const std::string_view table : present_tables())
    CHECK(names.insert(std::string(table)).second);
  for (const auto& [table, rows] : rows_by_table(*store)) {
    INFO(table, " has no record in db/transfer/table_catalogue.cpp");
    CHECK(names.contains(table));
  }
}

TEST_CASE("table catalogue: a table stands after those that it refers to") {
  std::set<std::string_view> before;
  for (const TableRecord& table : store_tables()) {
    INFO(table.name);
    for (const TableColumn& column : table.columns)
      CHECK((column.refers_to.empty() || before.contains(column.refers_to)));
    if (!table.owner.empty())
      CHECK_FALSE(table.columns[column_at(table, table.owner)].refers_to.empty());
    before.insert(table.name);
  }
}

TEST_CASE("table catalogue: the sample of a full store has rows in every table") {
  const TemporaryDirectory directory;
  const auto store = open_store(directory.path() / "s.db", OpenMode::kCreate);
  fill_store(*store);
  for (const auto& [table, rows] : rows_by_table(*store)) {
    if (std::ranges::find(present_tables(), table) != present_tables().end()) continue;
    INFO(table);
    CHECK(rows > 0);
  }
}
