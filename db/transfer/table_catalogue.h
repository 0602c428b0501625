#pragma once

#include <span>
#include <string_view>

namespace nas {

// The tables of a store as records, for what is done to all of them: copying a store, merging
// several. A new table is one record here; a test compares the records with the schema.

enum class ColumnType { kInteger, kReal, kText, kBlob };

/// What a column means to rows of two stores that are brought together.
enum class ColumnPart {
  kId,        ///< a number that the database gives
  kIdentity,  ///< rows that are equal in all of these are the same row
  kFact,      ///< the same rows must agree in it
  kOccasion,  ///< when, where and by whom: of the same rows the first one's is kept
};

struct TableColumn {
  std::string_view name;
  ColumnType type = ColumnType::kInteger;
  ColumnPart part = ColumnPart::kFact;
  std::string_view refers_to = "";  ///< the table whose id it is
  bool nullable = false;
  bool is_path = false;  ///< of a file of the store
};

enum class RowRule {
  kShared,   ///< one row for all who mean the same
  kOwned,    ///< comes with the new row that its owner is; with a known owner it is known
  kDerived,  ///< the database makes it from other tables
};

struct TableRecord {
  std::string_view name;
  std::span<const TableColumn> columns;   ///< in the order of the schema
  std::span<const std::string_view> key;  ///< of the primary key
  RowRule rule = RowRule::kShared;
  std::string_view owner = "";  ///< the column whose row this one belongs to
};

/// A table stands after those that it refers to.
std::span<const TableRecord> store_tables();
/// The other tables: who is at work in a store now. They stay behind, as another store has workers
/// of its own and a resumed study proposes again what waited.
std::span<const std::string_view> present_tables();
/// Requires that there is one of this name.
const TableRecord& store_table(std::string_view name);

/// Its place in `TableRecord::columns`; requires that there is one.
std::size_t column_at(const TableRecord& table, std::string_view column);
/// Whether its rows have ids that others may refer to.
bool has_id(const TableRecord& table);

}  // namespace nas
