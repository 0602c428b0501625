#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/transfer/table_catalogue.h"

namespace nas {

/// The values of a row in the order of `TableRecord::columns`.
using SqlRow = std::vector<SqlValue>;

/// A column's names for a statement: `"a", "b"`.
std::string column_list(const TableRecord& table);

/// The row that `rows` is at, of a query for `column_list`.
SqlRow read_row(const Rows& rows, const TableRecord& table);

/// Reads a table by its key, some rows at a time, so that large ones need no memory.
class TableReader {
 public:
  TableReader(Connection& connection, const TableRecord& table);
  /// The next rows; empty after the last. Valid until the next call.
  const std::vector<SqlRow>& next_page();

 private:
  Connection& connection_;
  const TableRecord& table_;
  std::vector<std::size_t> key_;  ///< places of the key's columns
  std::string first_, further_;   ///< SQL of the first page and of those after a key
  std::vector<SqlRow> page_;
  bool over_ = false;
};

/// Adds whole rows, with their ids, many in one statement.
class TableWriter {
 public:
  TableWriter(Connection& connection, const TableRecord& table);
  void add(const std::vector<SqlRow>& rows);

 private:
  Connection& connection_;
  std::size_t at_once_;
  std::string one_, many_;
};

std::int64_t count_rows(Connection& connection, const TableRecord& table);

/// What a table holds, whatever the order of its rows: two databases need not sort texts alike.
class TableContent {
 public:
  void add(const SqlRow& row);
  std::int64_t rows() const { return rows_; }
  /// 32 hexadecimal digits: the sum of the first 128 bits of the SHA-256 of each row.
  std::string digest() const;
  friend bool operator==(const TableContent&, const TableContent&) = default;

 private:
  std::int64_t rows_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};
TableContent content_of(Connection& connection, const TableRecord& table);

}  // namespace nas
