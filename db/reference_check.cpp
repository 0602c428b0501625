#include "db/reference_check.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace nas {

namespace {

/// The ids of a table in ascending order, as closed ranges: ids mostly follow each other.
class IdRanges {
 public:
  IdRanges(SqliteConnection& connection, const std::string& table) {
    Rows rows = connection.select("SELECT id FROM \"" + table + "\" ORDER BY id");
    while (rows.next()) {
      const std::int64_t id = rows.integer(0);
      if (!ranges_.empty() && ranges_.back().last == id - 1) {
        ranges_.back().last = id;
      } else {
        ranges_.push_back({id, id});
      }
    }
  }

  bool contains(std::int64_t id) const {
    const auto after = std::upper_bound(
        ranges_.begin(), ranges_.end(), id,
        [](std::int64_t value, const Range& range) { return value < range.first; });
    return after != ranges_.begin() && id <= std::prev(after)->last;
  }

 private:
  struct Range {
    std::int64_t first, last;
  };
  std::vector<Range> ranges_;
};

struct Reference {
  std::string column, target;
};

/// By referring table.
std::map<std::string, std::vector<Reference>> references_of(SqliteConnection& connection) {
  std::map<std::string, std::vector<Reference>> references;
  Rows rows = connection.select(
      "SELECT entry.name, key.\"from\", key.\"table\" FROM sqlite_schema AS entry, "
      "pragma_foreign_key_list(entry.name) AS key WHERE entry.type = 'table' "
      "ORDER BY entry.name, key.id");
  while (rows.next()) references[rows.string(0)].push_back({rows.string(1), rows.string(2)});
  return references;
}

bool all_found(SqliteConnection& connection, const std::string& table,
               const std::vector<Reference>& references,
               const std::map<std::string, IdRanges>& ids) {
  std::string columns;
  std::vector<const IdRanges*> targets;
  for (const Reference& reference : references) {
    columns += (columns.empty() ? "\"" : ", \"") + reference.column + "\"";
    targets.push_back(&ids.at(reference.target));
  }
  Rows rows = connection.select("SELECT " + columns + " FROM \"" + table + "\"");
  while (rows.next()) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const int column = static_cast<int>(i);
      if (!rows.is_null(column) && !targets[i]->contains(rows.integer(column))) return false;
    }
  }
  return true;
}

/// SQLite's own words for a table that has such rows.
void name_rows(std::vector<std::string>& problems, SqliteConnection& connection,
               const std::string& table, std::size_t most) {
  Rows rows = connection.select("SELECT rowid, parent FROM pragma_foreign_key_check(?)", table);
  for (std::size_t lines = 0; lines < most && rows.next(); ++lines) {
    problems.push_back("table '" + table + "', row " + rows.string(0) +
                       ": refers to a missing row of '" + rows.string(1) + "'");
  }
}

}  // namespace

std::vector<std::string> reference_problems(SqliteConnection& connection, std::size_t most) {
  const auto references = references_of(connection);
  std::map<std::string, IdRanges> ids;
  for (const auto& [table, keys] : references) {
    for (const Reference& key : keys) {
      if (!ids.contains(key.target)) ids.emplace(key.target, IdRanges(connection, key.target));
    }
  }
  std::vector<std::string> problems;
  for (const auto& [table, keys] : references) {
    if (!all_found(connection, table, keys, ids)) name_rows(problems, connection, table, most);
  }
  return problems;
}

}  // namespace nas
