#include "db/importers/json_table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "core/util/json_reader.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostColumns = 10000;

std::string field_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return json_text(value);
}

bool all(const Json& items, bool (*is)(const Json&)) {
  return !items.empty() && std::all_of(items.begin(), items.end(), is);
}
bool is_object(const Json& value) {
  return value.is_object();
}
bool is_list(const Json& value) {
  return value.is_array();
}
bool is_text(const Json& value) {
  return value.is_string();
}

/// Counts lines on the way, so that a million rows cost one pass.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}
  std::string place(std::size_t offset) {
    line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                   text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    at_ = offset;
    return "line " + std::to_string(line_);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
};

std::size_t count_wanted(const Json& object, std::span<const std::string> wanted) {
  return static_cast<std::size_t>(
      std::count_if(wanted.begin(), wanted.end(),
                    [&](const std::string& name) { return object.contains(name); }));
}

}  // namespace

void JsonTable::fail(const std::string& place, const std::string& what) const {
  throw Error(ErrorKind::kData, source_ + (place.empty() ? "" : ", " + place) + ": " + what);
}

std::string JsonTable::place(std::size_t row) const {
  return source_ + ", " + rows_[row].place;
}

std::string_view JsonTable::at(std::size_t row, std::size_t column) const {
  const auto& fields = rows_[row].fields;
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), column,
                       [](const auto& field, std::size_t wanted) { return field.first < wanted; });
  return found != fields.end() && found->first == column ? std::string_view(found->second)
                                                         : std::string_view();
}

std::size_t JsonTable::column_index(const std::string& name) {
  const auto [found, fresh] = index_.emplace(name, columns_.size());
  if (fresh) {
    if (columns_.size() == kMostColumns) {
      throw Error(ErrorKind::kData,
                  source_ + ": more than " + std::to_string(kMostColumns) + " columns");
    }
    columns_.push_back(name);
  }
  return found->second;
}

void JsonTable::add_fields(Row& row, const Json& object, const std::string& prefix) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix + std::string(trim(key));
    row.fields.emplace_back(column_index(name), field_text(value));
    if (value.is_object()) add_fields(row, value, name + ".");
  }
}

void JsonTable::add_row(const Json& object, std::string place, const std::string* key) {
  if (!object.is_object())
    fail(place, "expected an object, got " + json_text(object).substr(0, 40));
  Row row;
  row.place = std::move(place);
  if (key != nullptr) {
    if (!key_) {
      key_ = columns_.size();
      columns_.emplace_back();
    }
    row.fields.emplace_back(*key_, *key);
  }
  add_fields(row, object, "");
  auto& fields = row.fields;
  const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(fields.begin(), fields.end(), less);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  const auto twice = std::adjacent_find(fields.begin(), fields.end(), same);
  if (twice != fields.end()) {
    fail(row.place, "the name '" + printable(columns_[twice->first]) + "' is given twice");
  }
  rows_.push_back(std::move(row));
}

void JsonTable::add_file(std::string_view text, const std::string& file, const std::string& key) {
  add_row(parse_json(text, source_ + "/" + file), file, &key);
}

void JsonTable::add_list(const Json& list, const std::string& what) {
  if (all(list, is_list) && all(list[0], is_text)) {
    Json rows = list;
    rows.erase(rows.begin());
    add_lists(list[0], rows, Json::array(), what);
    return;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    add_row(list[i], what + "item " + std::to_string(i + 1), nullptr);
  }
}

void JsonTable::add_lists(const Json& names, const Json& rows, const Json& keys,
                          const std::string& what) {
  if (names.size() > kMostColumns) {
    fail(what, "more than " + std::to_string(kMostColumns) + " columns");
  }
  if (!keys.empty() && keys.size() != rows.size()) {
    fail(what, std::to_string(keys.size()) + " keys in 'index' for " + std::to_string(rows.size()) +
                   " rows");
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string place = what + "item " + std::to_string(i + 1);
    if (!rows[i].is_array() || rows[i].size() != names.size()) {
      fail(place,
           "expected a list of " + std::to_string(names.size()) + " values, as there are names");
    }
    Json object = Json::object();
    for (std::size_t c = 0; c < names.size(); ++c) object[field_text(names[c])] = rows[i][c];
    if (object.size() != names.size()) fail(what, "a name is given twice among the names");
    const std::string key = keys.empty() ? "" : field_text(keys[i]);
    add_row(object, place, keys.empty() ? nullptr : &key);
  }
}

/// {"arch": {"0": "A", "1": "B"}, "acc": {...}} and {"arch": ["A", "B"], "acc": [...]}.
void JsonTable::add_columns(const Json& object) {
  std::vector<std::string> keys;
  std::unordered_map<std::string, Json> rows;
  for (const auto& [name, column] : object.items()) {
    for (const auto& [key, value] : column.items()) {
      const auto [row, fresh] = rows.try_emplace(key, Json::object());
      if (fresh) keys.push_back(key);
      row->second[name] = value;
    }
  }
  for (const std::string& key : keys) add_row(rows[key], "row '" + printable(key) + "'", &key);
  notes_.push_back("the keys of the JSON object are read as columns");
}

void JsonTable::add_one(const Json& value, std::span<const std::string> wanted,
                        const std::string& place) {
  if (value.is_array()) return add_list(value, "");
  if (!value.is_object()) fail(place, "expected objects");
  const auto names = value.find("columns"), rows = value.find("data"), keys = value.find("index");
  if (names != value.end() && names->is_array() && rows != value.end() && all(*rows, is_list)) {
    const bool keyed = keys != value.end() && keys->is_array();
    return add_lists(*names, *rows, keyed ? *keys : Json::array(), "'data', ");
  }
  const std::size_t outer = count_wanted(value, wanted);
  const bool nested = all(value, is_object) || (all(value, is_list) && outer > 0);
  if (nested && outer > 0 && (is_list(value.front()) || count_wanted(value.front(), wanted) == 0)) {
    return add_columns(value);
  }
  std::vector<std::string> tables;
  for (const auto& [key, member] : value.items()) {
    const bool keyed =
        member.is_object() && all(member, is_object) && count_wanted(member.front(), wanted) > 0;
    const bool table = keyed || (member.is_array() && all(member, is_object));
    if (outer == 0 && table) tables.push_back(key);
  }
  if (tables.size() == 1) {
    const Json& member = value[tables[0]];
    const std::string name = "'" + printable(tables[0]) + "'";
    notes_.push_back("the rows are those of " + name);
    return member.is_array() ? add_list(member, name + ", ") : add_one(member, wanted, place);
  }
  if (!all(value, is_object)) return add_row(value, place, nullptr);
  for (const auto& [key, object] : value.items()) {
    add_row(object, "key '" + printable(key.substr(0, 80)) + "'", &key);
  }
}

void JsonTable::add_text(std::string_view text, std::span<const std::string> wanted, bool lines) {
  JsonReader reader(text, source_);
  LineCounter counter(text);
  if (reader.at_end()) fail("", "empty, expected JSON");
  if (reader.peek() == '[') {  // item by item: their lines are known, and one is held at a time
    const std::size_t begin = reader.offset();
    bool flat = true;
    reader.members([&](const std::string&) {
      if (reader.peek() != '{') {
        if (!rows_.empty()) reader.fail("expected an object, as the items before");
        flat = false;
      }
      const std::string place = counter.place(reader.offset());
      const Json item = reader.value();
      if (flat) add_row(item, place, nullptr);
    });
    reader.finish();
    if (!flat) add_one(parse_json(text.substr(begin), source_), wanted, "");
    return;
  }
  const std::string first_place = counter.place(reader.offset());
  if (!lines && reader.peek() == '{') {
    // A large object of objects must not be one value: its keys are counted there.
    const Json first = [&] {
      Json all_members = Json::object();
      auto& members = static_cast<std::vector<std::pair<const std::string, Json>>&>(
          all_members.get_ref<Json::object_t&>());
      reader.members([&](const std::string& key) { members.emplace_back(key, reader.value()); });
      return all_members;
    }();
    if (reader.at_end()) return add_one(first, wanted, first_place);
    add_row(first, first_place, nullptr);
  }
  while (!reader.at_end()) {
    const std::string place = counter.place(reader.offset());
    if (reader.peek() != '{') reader.fail("expected one JSON object per line");
    add_row(reader.value(), place, nullptr);
  }
}

void JsonTable::finish() {
  if (rows_.empty()) fail("", "no rows in it");
  std::vector<std::size_t> present(columns_.size(), 0);
  for (const Row& row : rows_) {
    for (const auto& [column, text] : row.fields) ++present[column];
  }
  std::vector<std::string> lacking;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t missing = rows_.size() - present[i];
    const bool within = columns_[i].find('.') != std::string::npos;
    if (missing == 0 || within) continue;
    lacking.push_back(printable(columns_[i]) + " (" +
                      format_count(static_cast<std::int64_t>(missing)) + ")");
  }
  constexpr std::size_t kMost = 8;
  const std::size_t more = lacking.size() > kMost ? lacking.size() - kMost : 0;
  if (more > 0) lacking.resize(kMost);
  if (lacking.empty()) return;
  notes_.push_back("keys that some rows lack, read as missing: " + join(lacking, ", ") +
                   (more > 0 ? " and " + std::to_string(more) + " more" : ""));
}

}  // namespace nas
