#include <algorithm>

#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

int run_stats(const Arguments&, Context& context) {
  const StoreStats stats = context.session().reader().stats();
  Table table = single_table("stats");
  add_fact(table, "file", context.session().store_path().string());
  table.columns.back().whole = true;
  add_fact(table, "backend", stats.backend);
  add_fact(table, "schema_version", stats.schema_version);
  add_fact(table, "file_bytes", stats.file_bytes);
  for (const auto& [name, rows] : stats.table_rows) {
    add_fact(table, "rows_" + name, rows, "rows " + name);
  }
  context.print(table);
  return 0;
}

constexpr std::size_t kLongestNumber = 24;

/// Is every value of a column short and a number, or absent?
bool holds_numbers(const QueryResult& result, std::size_t column) {
  return std::all_of(result.rows.begin(), result.rows.end(), [column](const auto& row) {
    return !row[column] || (row[column]->size() <= kLongestNumber && parse_double(*row[column]));
  });
}

/// Columns that a person copies from: cut, they would be useless.
bool names_something(const std::string& column) {
  constexpr std::string_view kNames[] = {"name",      "study", "path",     "file",
                                         "benchmark", "space", "searcher", "predictor"};
  return std::find(std::begin(kNames), std::end(kNames), column) != std::end(kNames);
}

int run_query(const Arguments& arguments, Context& context) {
  const QueryResult result = context.session().reader().query(
      *arguments.text("SQL"), arguments.whole("limit", 1, 1'000'000'000));
  Table table{.kind = "query", .columns = {}};
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    const std::string& name = result.columns[i];
    table.columns.push_back({name, "", false, names_something(name) || holds_numbers(result, i)});
  }
  for (const auto& row : result.rows) {
    std::vector<Cell> cells;
    for (const auto& value : row) cells.push_back(value ? Cell(*value) : Cell(std::monostate{}));
    table.rows.push_back(std::move(cells));
  }
  context.print(table);
  return 0;
}

int run_check(const Arguments&, Context& context) {
  const std::vector<std::string> problems = context.session().reader().check();
  Table table{.kind = "problems", .columns = {{"problem", "", false, true}}};
  for (const std::string& problem : problems) table.rows.push_back({problem});
  if (problems.empty() && context.human()) {
    context.print("sound: " + context.session().store_path().string() + "\n");
    return 0;
  }
  context.print(table);
  return problems.empty() ? 0 : 1;
}

}  // namespace

const Command db_stats{.noun = "db",
                       .verb = "stats",
                       .summary = "size and rows of the database",
                       .examples = "nasctl db stats --store results.db",
                       .run = run_stats};

const Command db_query{
    .noun = "db",
    .verb = "query",
    .summary = "one SQL statement that reads",
    .description = "Tables and views are explained in docs/database.md; nothing can be written.",
    .examples =
        "nasctl db query \"SELECT * FROM leaderboard WHERE study = 'first' LIMIT 5\" --format csv",
    .positionals = {{.name = "SQL", .help = "a SELECT"}},
    .options = {{.name = "limit", .value = "N", .help = "rows at most", .standard = "1000"}},
    .run = run_query};

const Command db_check{
    .noun = "db",
    .verb = "check",
    .summary = "look for damage and left-over work",
    .description = "Exit code 1 when something is wrong; every problem is one line.",
    .examples = "nasctl db check",
    .run = run_check};

}  // namespace nas::cli
