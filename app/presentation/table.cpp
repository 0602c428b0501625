#include "app/presentation/table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/presentation/table_text.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string for_machines(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&cell)) return format_double(*real);
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "true" : "false";
  return "";
}

std::string json_value(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return json_quote(*text);
  if (const auto* real = std::get_if<double>(&cell)) {
    return std::isfinite(*real) ? format_double(*real) : json_quote(format_double(*real));
  }
  if (std::holds_alternative<std::monostate>(cell)) return "null";
  return for_machines(cell);
}

std::string render_csv(const Table& table) {
  std::string result;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    result += (i > 0 ? "," : "") + escape_csv(table.columns[i].name);
  }
  result += "\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) result += ",";
      // Numbers are written as they are: the guard against formulas is for text.
      result += is_number(row[i]) ? for_machines(row[i]) : escape_csv(for_machines(row[i]));
    }
    result += "\n";
  }
  return result;
}

std::string json_members(const Table& table, const std::vector<Cell>& row) {
  std::string result;
  for (std::size_t i = 0; i < row.size(); ++i) {
    result += (i > 0 ? "," : "") + json_quote(table.columns[i].name) + ":" + json_value(row[i]);
  }
  return result;
}

std::string schema_members(const Table& table) {
  return "\"schema\":" + json_quote("searchlight." + table.kind) + ",\"version\":1";
}

std::string render_json(const Table& table) {
  if (table.single) {
    const std::string members = table.rows.empty() ? "" : json_members(table, table.rows.front());
    return "{" + schema_members(table) + (members.empty() ? "" : ",") + members + "}\n";
  }
  std::string result = "{" + schema_members(table) + ",\"rows\":[";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    result += (i > 0 ? ",\n{" : "\n{") + json_members(table, table.rows[i]) + "}";
  }
  return result + "\n]}\n";
}

std::string render_jsonl(const Table& table) {
  std::string result;
  for (const auto& row : table.rows) {
    const std::string members = json_members(table, row);
    result += "{" + schema_members(table) + (members.empty() ? "" : ",") + members + "}\n";
  }
  return result;
}

std::string escape_markdown(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view("\\|*_`[]#").find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

/// One thing as rows of property and value.
Table properties_of(const Table& table) {
  Table result{.kind = table.kind,
               .columns = {{"property"}, {"value"}},
               .rows = {},
               .caption = table.caption,
               .heading = table.heading};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    result.rows.push_back({column_heading(table.columns[i]), table.rows.front()[i]});
  }
  return result;
}

}  // namespace

Table single_table(std::string kind) {
  Table table{.kind = std::move(kind)};
  table.rows.emplace_back();
  table.single = true;
  return table;
}

void add_fact(Table& table, std::string name, Cell value, std::string title) {
  table.columns.push_back({std::move(name), std::move(title)});
  table.rows.front().push_back(std::move(value));
}

void add_for_programs(Table& table, std::string name, const Cell& value) {
  table.columns.push_back({.name = std::move(name), .for_programs = true});
  for (std::vector<Cell>& row : table.rows) row.push_back(value);
}

Format parse_format(std::string_view text) {
  const std::vector<std::string> names{"table", "csv", "json", "jsonl"};
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) throw Error(ErrorKind::kUsage, unknown_name("format", text, names));
  return static_cast<Format>(found - names.begin());
}

std::string render(const Table& table, Format format, int width) {
  for (const auto& row : table.rows) {
    NAS_CHECK(row.size() == table.columns.size(), "table '" + table.kind + "'");
  }
  NAS_CHECK(!table.single || table.rows.size() < 2, "one thing in table '" + table.kind + "'");
  switch (format) {
    case Format::kCsv:
      return render_csv(table);
    case Format::kJson:
      return render_json(table);
    case Format::kJsonl:
      return render_jsonl(table);
    case Format::kTable:
      break;
  }
  return render_table_text(table, width);
}

std::string render_markdown(const Table& whole) {
  const Table table = for_people(whole);
  if (table.single && table.rows.size() == 1) return render_markdown(properties_of(table));
  std::string head = "|";
  std::string rule = "|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool right = all_numbers(table, i);
    head += " " + escape_markdown(column_heading(table.columns[i])) + " |";
    rule += right ? " ---: |" : " --- |";
  }
  std::string result = head + "\n" + rule + "\n";
  if (!table.heading.empty()) result = escape_markdown(printable(table.heading)) + "\n\n" + result;
  for (const auto& row : table.rows) {
    result += "|";
    for (const Cell& cell : row) result += " " + escape_markdown(cell_text(cell)) + " |";
    result += "\n";
  }
  if (!table.caption.empty()) result += "\n" + escape_markdown(printable(table.caption)) + "\n";
  return result;
}

}  // namespace nas
