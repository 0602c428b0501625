#include "db/importers/text_table.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "db/importers/json_records.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

class CsvText final : public TextTable {
 public:
  explicit CsvText(CsvTable table) : table_(std::move(table)) {}
  std::size_t rows() const override { return table_.rows(); }
  const std::vector<std::string>& columns() const override { return table_.columns(); }
  std::string_view at(std::size_t row, std::size_t column) const override {
    return table_.at(row, column);
  }

 private:
  CsvTable table_;
};

std::string field_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const Json& item : value) parts.push_back(field_text(item));
  return join(parts, ";");
}

class JsonLines final : public TextTable {
 public:
  JsonLines(std::string_view text, const std::string& source) {
    std::size_t line = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view record = trim(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line;
      if (record.empty()) continue;
      const std::string where = source + ", line " + std::to_string(line);
      for_each_json_record(record, where, 0,
                           [&](const auto&, const Json& object) { add(object, where + ": "); });
    }
    if (columns_.empty()) throw Error(ErrorKind::kData, source + ": empty, expected JSON lines");
  }
  std::size_t rows() const override { return fields_.size() / columns_.size(); }
  const std::vector<std::string>& columns() const override { return columns_; }
  std::string_view at(std::size_t row, std::size_t column) const override {
    return fields_[row * columns_.size() + column];
  }

 private:
  void add(const Json& object, const std::string& where) {
    if (columns_.empty()) {
      for (const auto& [key, value] : object.items()) columns_.push_back(key);
    }
    if (object.size() != columns_.size()) {
      throw Error(ErrorKind::kData, where + std::to_string(object.size()) + " keys, expected " +
                                        std::to_string(columns_.size()) + " as in the first line");
    }
    for (const std::string& column : columns_) {
      const auto found = object.find(column);
      if (found == object.end()) {
        throw Error(ErrorKind::kData, where + "key '" + column + "' is missing");
      }
      fields_.push_back(field_text(*found));
    }
  }

  std::vector<std::string> columns_;
  std::vector<std::string> fields_;
};

bool is_json_lines(const std::filesystem::path& path) {
  const std::string name = to_lower(path.filename().string());
  return name.ends_with(".jsonl") || name.ends_with(".jsonl.gz");
}

}  // namespace

std::size_t TextTable::column(std::string_view name) const {
  const std::vector<std::string>& names = columns();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  throw Error(ErrorKind::kData, unknown_name("column", name, names));
}

std::unique_ptr<TextTable> read_text_table(const std::filesystem::path& path) {
  std::string text = read_file(path);
  if (is_json_lines(path)) return std::make_unique<JsonLines>(text, path.filename().string());
  return std::make_unique<CsvText>(CsvTable::parse(std::move(text), path.filename().string()));
}

bool is_text_table(const std::filesystem::path& path) {
  const std::string name = to_lower(path.filename().string());
  return is_json_lines(path) || name.ends_with(".csv") || name.ends_with(".csv.gz");
}

}  // namespace nas
