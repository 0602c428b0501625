#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "db/importers/text_table.h"

namespace nas {

/// Rows of JSON objects, whose keys may differ.
class JsonTable final : public TextTable {
 public:
  explicit JsonTable(std::string source) : source_(std::move(source)) {}

  /// Adds the rows of a text in one of the forms of text_table.h. `lines`: every value is a row.
  void add_text(std::string_view text, std::span<const std::string> wanted, bool lines);
  /// Adds one file of a folder as one row, with its key.
  void add_file(std::string_view text, const std::string& file, const std::string& key);
  /// Notes which columns lack values, and refuses a table without rows.
  void finish();

  std::size_t rows() const override { return rows_.size(); }
  const std::vector<std::string>& columns() const override { return columns_; }
  std::string_view at(std::size_t row, std::size_t column) const override;
  std::string place(std::size_t row) const override;

 private:
  struct Row {
    std::vector<std::pair<std::size_t, std::string>> fields;  // by column, in order
    std::string place;                                        // "line 7", "a.json", "key 'A'"
  };

  std::size_t column_index(const std::string& name);
  void add_row(const nlohmann::ordered_json& object, std::string place, const std::string* key);
  void add_fields(Row& row, const nlohmann::ordered_json& object, const std::string& prefix);
  void add_one(const nlohmann::ordered_json& value, std::span<const std::string> wanted,
               const std::string& place);
  void add_list(const nlohmann::ordered_json& list, const std::string& what);
  /// `keys`: one for each row, or none.
  void add_lists(const nlohmann::ordered_json& names, const nlohmann::ordered_json& rows,
                 const nlohmann::ordered_json& keys, const std::string& what);
  void add_columns(const nlohmann::ordered_json& object);
  [[noreturn]] void fail(const std::string& place, const std::string& what) const;

  std::string source_;
  std::vector<std::string> columns_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<Row> rows_;
};

}  // namespace nas
