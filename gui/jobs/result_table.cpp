#include "gui/jobs/result_table.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

using Json = nlohmann::ordered_json;  // columns stay in the order of the command

constexpr int kDigits = 6;
constexpr std::string_view kFamily = "searchlight.";

Cell cell_of(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  return std::monostate{};
}

/// One thing is one flat object: its facts stand below each other.
Table downwards(Table table, const Json& object) {
  table.columns = {{"property"}, {"value"}};
  for (const auto& item : object.items()) {
    if (item.key() == "schema" || item.key() == "version") continue;
    table.rows.push_back({item.key(), cell_of(item.value())});
  }
  return table;
}

}  // namespace

Table parse_result(const QByteArray& json) {
  try {
    const Json object = Json::parse(json.toStdString());
    const std::string schema = object.at("schema").get<std::string>();
    if (!schema.starts_with(kFamily) || object.at("version") != 1)
      throw Error(ErrorKind::kData, "a result of nasctl with schema '" + printable(schema) +
                                        "' is not known to this release");
    Table table{.kind = schema.substr(kFamily.size())};
    if (!object.contains("rows") || !object["rows"].is_array())
      return downwards(std::move(table), object);
    for (const Json& row : object["rows"]) {
      if (table.columns.empty()) {
        for (const auto& item : row.items()) table.columns.push_back({item.key()});
      }
      std::vector<Cell> cells;
      for (const Column& column : table.columns) cells.push_back(cell_of(row.at(column.name)));
      table.rows.push_back(std::move(cells));
    }
    return table;
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kData, "the result of nasctl is not the table that was expected");
  }
}

QString result_text(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell))
    return QString::fromStdString(printable(*text));
  if (const auto* whole = std::get_if<std::int64_t>(&cell))
    return QString::fromStdString(format_count(*whole));
  if (const auto* real = std::get_if<double>(&cell))
    return QString::fromStdString(format_short(*real, kDigits));
  if (const auto* flag = std::get_if<bool>(&cell))
    return *flag ? QStringLiteral("yes") : QStringLiteral("no");
  return {};
}

}  // namespace nas
