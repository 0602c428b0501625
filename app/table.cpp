#include "app/table.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12;  ///< a shrinking column keeps at least so many characters
constexpr std::string_view kEllipsis = "..";

/// Characters on a terminal; counts code points, which is right for all but wide scripts.
std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool numeric(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

std::string for_people(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return printable(*text);
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return format_count(*integer);
  if (const auto* real = std::get_if<double>(&cell)) return format_short(*real, 5);
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "yes" : "no";
  return "-";
}

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

/// A heading may be foreign too: the text of a query, a column of an imported table.
std::string heading(const Column& column) {
  return printable(column.title.empty() ? column.name : column.title);
}

/// Keeps the start and the end of a text that is too wide. Cuts between code points.
std::string elide(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::vector<std::string> points;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 || points.empty()) points.emplace_back();
    points.back() += c;
  }
  const std::size_t kept = width > kEllipsis.size() ? width - kEllipsis.size() : 0;
  const std::size_t front = (kept + 1) / 2;
  std::string result;
  for (std::size_t i = 0; i < front; ++i) result += points[i];
  result += kEllipsis;
  for (std::size_t i = points.size() - (kept - front); i < points.size(); ++i) result += points[i];
  return result;
}

std::string pad(const std::string& text, std::size_t width, bool right) {
  const std::size_t shown = display_width(text);
  const std::string blanks(width > shown ? width - shown : 0, ' ');
  return right ? blanks + text : text + blanks;
}

/// Takes columns from the widest shrinking one until the line fits.
void shrink_to_fit(std::vector<std::size_t>& widths, std::span<const Column> columns,
                   std::size_t available) {
  std::size_t total = kGap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  while (total > available) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (!columns[i].shrink || widths[i] <= kNarrowest) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) return;
    --widths[widest];
    --total;
  }
}

/// Numbers are aligned at the right, unless words stand among them.
bool all_numbers(const Table& table, std::size_t column) {
  bool any = false;
  for (const auto& row : table.rows) {
    if (std::holds_alternative<std::monostate>(row[column])) continue;
    if (!numeric(row[column])) return false;
    any = true;
  }
  return any;
}

std::string render_text(const Table& table, int width) {
  if (table.columns.empty()) return "";
  const std::size_t columns = table.columns.size();
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  for (std::size_t i = 0; i < columns; ++i) right.push_back(all_numbers(table, i));
  std::vector<std::vector<std::string>> texts;
  for (const Column& column : table.columns) widths.push_back(display_width(heading(column)));
  for (const auto& row : table.rows) {
    std::vector<std::string>& line = texts.emplace_back();
    for (std::size_t i = 0; i < columns; ++i) {
      line.push_back(for_people(row[i]));
      widths[i] = std::max(widths[i], display_width(line.back()));
    }
  }
  if (width > 0) shrink_to_fit(widths, table.columns, static_cast<std::size_t>(width));
  std::string result;
  if (!table.heading.empty()) result += printable(table.heading) + "\n";
  const auto add_line = [&](const auto& cell_text, char fill) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      if (i > 0) line.append(kGap, ' ');
      line += fill == ' ' ? pad(elide(cell_text(i), widths[i]), widths[i], right[i])
                          : std::string(widths[i], fill);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  };
  add_line([&](std::size_t i) { return heading(table.columns[i]); }, ' ');
  add_line([](std::size_t) { return std::string(); }, '-');
  for (const auto& line : texts) add_line([&](std::size_t i) { return line[i]; }, ' ');
  if (!table.caption.empty()) result += printable(table.caption) + "\n";
  return result;
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
      result += numeric(row[i]) ? for_machines(row[i]) : escape_csv(for_machines(row[i]));
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

/// A row as lines of property and value.
Table turned(const Table& table) {
  Table result{.kind = table.kind, .columns = {{"property"}, {"value", "", true}}};
  result.caption = table.caption;
  result.heading = table.heading;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    result.rows.push_back({heading(table.columns[i]), table.rows.front()[i]});
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
  return render_text(table.single && !table.rows.empty() ? turned(table) : table, width);
}

std::string render_markdown(const Table& table) {
  std::string head = "|";
  std::string rule = "|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool right = all_numbers(table, i);
    head += " " + escape_markdown(heading(table.columns[i])) + " |";
    rule += right ? " ---: |" : " --- |";
  }
  std::string result = head + "\n" + rule + "\n";
  if (!table.heading.empty()) result = escape_markdown(printable(table.heading)) + "\n\n" + result;
  for (const auto& row : table.rows) {
    result += "|";
    for (const Cell& cell : row) result += " " + escape_markdown(for_people(cell)) + " |";
    result += "\n";
  }
  if (!table.caption.empty()) result += "\n" + escape_markdown(printable(table.caption)) + "\n";
  return result;
}

}  // namespace nas
