#include "db/transfer/row_finder.h"

#include <type_traits>

#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::size_t kLongestShown = 60;

std::string quoted(std::string_view name) {
  return '"' + std::string(name) + '"';
}

void append(std::string& list, const std::string& item, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += item;
}

bool is_identity(const TableColumn& column) {
  return column.part == ColumnPart::kIdentity;
}

/// What a statement with `wanted` columns as parameters takes.
template <class Wanted>
SqlRow values_of(const TableRecord& table, const SqlRow& row, const Wanted& wanted) {
  SqlRow values;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (wanted(table.columns[i])) values.push_back(row[i]);
  }
  return values;
}

bool is_given(const TableColumn& column) {
  return column.part != ColumnPart::kId;
}
bool is_replaced(const TableColumn& column) {
  return is_given(column) && !is_identity(column);
}

}  // namespace

RowFinder::RowFinder(Connection& connection, const TableRecord& table)
    : connection_(connection), table_(table) {
  std::string given, marks, changed;
  for (const TableColumn& column : table.columns) {
    const std::string name = quoted(column.name);
    if (is_replaced(column)) append(changed, name + " = ?", ", ");
    if (!is_given(column)) continue;
    append(given, name, ", ");
    append(marks, "?", ", ");
  }
  const std::string name = quoted(table.name);
  find_ = "SELECT " + column_list(table) + " FROM " + name + " WHERE ";
  add_ = "INSERT INTO " + name + " (" + given + ") VALUES (" + marks + ")";
  replace_ = "UPDATE " + name + " SET " + changed + " WHERE id = ?";
}

std::optional<SqlRow> RowFinder::find(const SqlRow& row) {
  // What may be NULL is not compared with a parameter: only `=` is looked up in an index.
  std::string same;
  SqlRow values;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!is_identity(table_.columns[i])) continue;
    const bool null = std::holds_alternative<std::monostate>(row[i]);
    append(same, quoted(table_.columns[i].name) + (null ? " IS NULL" : " = ?"), " AND ");
    if (!null) values.push_back(row[i]);
  }
  Rows rows = connection_.select(find_ + same, std::span<const SqlValue>(values));
  if (!rows.next()) return std::nullopt;
  return read_row(rows, table_);
}

std::int64_t RowFinder::add(const SqlRow& row) {
  const SqlRow values = values_of(table_, row, is_given);
  const std::span<const SqlValue> span(values);
  if (has_id(table_)) return connection_.insert(add_, span);
  connection_.execute(add_, span);
  return 0;
}

void RowFinder::replace(std::int64_t id, const SqlRow& row) {
  SqlRow values = values_of(table_, row, is_replaced);
  values.emplace_back(id);
  connection_.execute(replace_, std::span<const SqlValue>(values));
}

std::string_view differing_fact(const TableRecord& table, const SqlRow& a, const SqlRow& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (table.columns[i].part == ColumnPart::kFact && a[i] != b[i]) return table.columns[i].name;
  }
  return {};
}

std::string value_text(const SqlValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
          return "nothing";
        } else if constexpr (std::is_same_v<Held, std::int64_t>) {
          return std::to_string(held);
        } else if constexpr (std::is_same_v<Held, double>) {
          return format_double(held);
        } else if constexpr (std::is_same_v<Held, std::string>) {
          const bool whole = held.size() <= kLongestShown;
          return "'" + printable(held.substr(0, kLongestShown)) + (whole ? "'" : "...'");
        } else {
          return std::to_string(held.bytes.size()) + " bytes";
        }
      },
      value);
}

}  // namespace nas
