#include "db/transfer/table_rows.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <type_traits>

#include "core/util/hash.h"

namespace nas {

namespace {

constexpr std::size_t kPage = 2000;
constexpr std::size_t kPageOfBlobs = 8;  // of a benchmark: up to megabytes each
constexpr std::size_t kRowsAtOnce = 100;

bool has_blobs(const TableRecord& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const TableColumn& column) { return column.type == ColumnType::kBlob; });
}

std::string quoted(std::string_view name) {
  return '"' + std::string(name) + '"';
}

/// `"a", "b"`, or `?, ?`.
template <class Text>
std::string comma_list(std::size_t count, const Text& text) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ", ") + text(i);
  return list;
}

SqlValue value_of(const Rows& rows, int column, ColumnType type) {
  if (rows.is_null(column)) return {};
  switch (type) {
    case ColumnType::kInteger:
      return rows.integer(column);
    case ColumnType::kReal:
      return rows.real(column);
    case ColumnType::kText:
      return rows.string(column);
    case ColumnType::kBlob:
      return SqlBlob{std::string(rows.blob(column))};
  }
  return {};
}

std::string rows_of_marks(const TableRecord& table, std::size_t rows) {
  const std::string row =
      "(" + comma_list(table.columns.size(), [](std::size_t) { return std::string("?"); }) + ")";
  return comma_list(rows, [&](std::size_t) { return row; });
}

void append_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(number >> shift);
}

/// Different for different rows: each value after its type, texts after their length.
std::string row_bytes(const SqlRow& row) {
  std::string bytes;
  for (const SqlValue& value : row) {
    bytes += static_cast<char>('0' + value.index());
    std::visit(
        [&bytes](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::int64_t>) {
            append_number(bytes, static_cast<std::uint64_t>(held));
          } else if constexpr (std::is_same_v<Held, double>) {
            append_number(bytes, std::bit_cast<std::uint64_t>(held));
          } else if constexpr (std::is_same_v<Held, std::string>) {
            append_number(bytes, held.size());
            bytes += held;
          } else if constexpr (std::is_same_v<Held, SqlBlob>) {
            append_number(bytes, held.bytes.size());
            bytes += held.bytes;
          }
        },
        value);
  }
  return bytes;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

std::string digits_of(std::uint64_t number) {
  std::string digits(16, '0');
  for (std::size_t i = 16; i-- > 0; number >>= 4) digits[i] = "0123456789abcdef"[number & 15];
  return digits;
}

}  // namespace

std::string column_list(const TableRecord& table) {
  return comma_list(table.columns.size(),
                    [&](std::size_t i) { return quoted(table.columns[i].name); });
}

SqlRow read_row(const Rows& rows, const TableRecord& table) {
  SqlRow row;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    row.push_back(value_of(rows, static_cast<int>(i), table.columns[i].type));
  return row;
}

TableReader::TableReader(Connection& connection, const TableRecord& table)
    : connection_(connection), table_(table) {
  for (const std::string_view name : table.key) key_.push_back(column_at(table, name));
  const auto name = [&](std::size_t i) { return quoted(table.key[i]); };
  const auto mark = [](std::size_t) { return std::string("?"); };
  const std::string keys = comma_list(table.key.size(), name);
  const std::string select = "SELECT " + column_list(table) + " FROM " + quoted(table.name);
  const std::size_t rows = has_blobs(table) ? kPageOfBlobs : kPage;
  const std::string order = " ORDER BY " + keys + " LIMIT " + std::to_string(rows);
  first_ = select + order;
  further_ =
      select + " WHERE (" + keys + ") > (" + comma_list(table.key.size(), mark) + ")" + order;
}

const std::vector<SqlRow>& TableReader::next_page() {
  SqlRow last;
  for (const std::size_t place : key_) {
    if (!page_.empty()) last.push_back(page_.back()[place]);
  }
  page_.clear();
  if (over_) return page_;
  Rows rows = last.empty() ? connection_.select(first_)
                           : connection_.select(further_, std::span<const SqlValue>(last));
  while (rows.next()) {
    page_.push_back(read_row(rows, table_));
  }
  over_ = page_.empty();
  return page_;
}

TableWriter::TableWriter(Connection& connection, const TableRecord& table)
    : connection_(connection), at_once_(has_blobs(table) ? 1 : kRowsAtOnce) {
  const std::string insert =
      "INSERT INTO " + quoted(table.name) + " (" + column_list(table) + ") VALUES ";
  one_ = insert + rows_of_marks(table, 1);
  many_ = insert + rows_of_marks(table, at_once_);
}

void TableWriter::add(const std::vector<SqlRow>& rows) {
  std::size_t at = 0;
  std::vector<SqlValue> values;
  for (; at + at_once_ <= rows.size(); at += at_once_) {
    values.clear();
    for (std::size_t i = at; i < at + at_once_; ++i)
      values.insert(values.end(), rows[i].begin(), rows[i].end());
    connection_.execute(many_, std::span<const SqlValue>(values));
  }
  for (; at < rows.size(); ++at) connection_.execute(one_, std::span<const SqlValue>(rows[at]));
}

std::int64_t count_rows(Connection& connection, const TableRecord& table) {
  Rows rows = connection.select("SELECT count(*) FROM " + quoted(table.name));
  return rows.next() ? rows.integer(0) : 0;
}

void TableContent::add(const SqlRow& row) {
  const std::string digest = sha256_hex(row_bytes(row));
  const std::uint64_t low = number_of(std::string_view(digest).substr(16, 16));
  low_ += low;
  high_ += number_of(std::string_view(digest).substr(0, 16)) + (low_ < low ? 1 : 0);
  ++rows_;
}

std::string TableContent::digest() const {
  return digits_of(high_) + digits_of(low_);
}

TableContent content_of(Connection& connection, const TableRecord& table) {
  TableContent content;
  TableReader reader(connection, table);
  for (const auto* page = &reader.next_page(); !page->empty(); page = &reader.next_page()) {
    for (const SqlRow& row : *page) content.add(row);
  }
  return content;
}

}  // namespace nas
