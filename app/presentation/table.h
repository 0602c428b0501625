#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nas {

using Cell = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

struct Column {
  std::string name;     ///< key in CSV and JSON: snake_case, stable
  std::string title;    ///< heading for people; "" = name
  bool shrink = false;  ///< the first to be elided in the middle where the width is short
  bool whole = false;   ///< never cut: names that one copies, paths of files
  bool spare = false;   ///< left out (and named below) before others are cut short: papers, sources
  bool for_programs = false;  ///< in CSV and JSON only: what text says in its heading
  bool wrap = false;          ///< sentences: broken into lines where others are elided
};

/// Rows for people and machines; all renderings come from the same cells.
struct Table {
  std::string kind;  ///< "leaderboard": names the JSON schema
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::string caption;  ///< text form only, below the table; line breaks stay
  /// Text form only, above the table: which network its sizes and values belong to.
  std::string heading{};
  /// One thing that was asked for, in at most one row: text shows it downwards, and JSON is one
  /// flat object. Set by what was asked, never by how many rows came.
  bool single = false;
};

/// A table of one thing, and one more fact of it. `title`: for people; "" = name.
Table single_table(std::string kind);
void add_fact(Table& table, std::string name, Cell value, std::string title = "");
/// The same value in every row that the table has, for programs alone: text has it in the heading.
void add_for_programs(Table& table, std::string name, const Cell& value);

enum class Format : std::uint8_t { kTable, kCsv, kJson, kJsonl };
/// "table", "csv", "json", "jsonl". Throws Error(kUsage) with the near miss.
Format parse_format(std::string_view text);

/// kTable: fits `width` columns (0: as wide as needed), numbers right-aligned, control characters
/// replaced. Where the width is short, spare columns and those that say the same in every row are
/// left out first, and the line below names them; then long cells are elided in the middle; then
/// the last columns are left out. A table of few rows, or with cells that must stay whole and do
/// not fit, is written downwards instead, a line for each value. kCsv: RFC 4180 with header, full
/// precision, control characters replaced. kJson:
/// {"schema":"searchlight.<kind>","version":1,"rows":[{..}]}, and for a single thing the members of
/// its row in place of "rows"; kJsonl: one object per line, each with "schema" and "version".
/// Non-finite numbers are the words "nan", "inf", "-inf".
std::string render(const Table& table, Format format, int width = 0);
/// GitHub-flavoured Markdown.
std::string render_markdown(const Table& table);

}  // namespace nas
