#pragma once

#include <optional>
#include <string>

#include "db/transfer/table_rows.h"

namespace nas {

/// The row of a table that means the same as a given one, and the adding of a new one. References
/// in the rows are those of the connection's database.
class RowFinder {
 public:
  RowFinder(Connection& connection, const TableRecord& table);

  /// The row with the same identity. For tables with an id that of the result is set.
  std::optional<SqlRow> find(const SqlRow& row);
  /// Adds a row; its id, which is returned, is the database's. 0 for a table without ids.
  std::int64_t add(const SqlRow& row);
  /// All columns but the identity and the id of the row with this id.
  void replace(std::int64_t id, const SqlRow& row);

 private:
  Connection& connection_;
  const TableRecord& table_;
  std::string find_, add_, replace_;
};

/// The first fact that two rows of one identity do not share; "" for none.
std::string_view differing_fact(const TableRecord& table, const SqlRow& a, const SqlRow& b);

/// A value as messages show it.
std::string value_text(const SqlValue& value);

}  // namespace nas
