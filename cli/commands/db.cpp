#include <algorithm>
#include <functional>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/plugin_tables.h"
#include "core/api/typed_query.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

int run_stats(const Arguments&, Context& context) {
  const StoreStats stats = context.session().reader().stats();
  Table table = single_table("stats");
  add_fact(table, "file", context.session().store_address().text());
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

/// A number is one in CSV and JSON too; people get it with all its digits.
Cell query_cell(const std::optional<std::string>& value, bool number, bool human) {
  if (!value) return Cell(std::monostate{});
  if (!number || human) return Cell(*value);
  return number_cell(*value);
}

/// Columns that a person copies from: cut, they would be useless.
bool names_something(const std::string& column) {
  constexpr std::string_view kNames[] = {"name",      "study", "path",     "file",
                                         "benchmark", "space", "searcher", "predictor"};
  return std::find(std::begin(kNames), std::end(kNames), column) != std::end(kNames);
}

/// Is every value of a column a number, or absent?
bool holds_numbers(const QueryResult& result, const NumberFlags& numbers, std::size_t column) {
  for (std::size_t row = 0; row < result.rows.size(); ++row) {
    if (result.rows[row][column] && !numbers[row][column]) return false;
  }
  return true;
}

/// A signal ends what only reads, and that is not an error.
int until_interrupted(const std::function<int()>& reading) {
  try {
    return reading();
  } catch (const Error&) {
    if (!interrupted()) throw;
    return 130;
  }
}

int answer_query(const Arguments& arguments, Context& context) {
  const auto& store = dynamic_cast<const TypedQuery&>(context.session().reader());
  NumberFlags numbers;
  const QueryResult result = store.typed_query(*arguments.text("SQL"),
                                               arguments.whole("limit", 1, 1'000'000'000), numbers);
  Table table{.kind = "query", .columns = {}};
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    const std::string& name = result.columns[i];
    const bool whole = names_something(name) || holds_numbers(result, numbers, i);
    table.columns.push_back({name, "", false, whole});
  }
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    std::vector<Cell>& cells = table.rows.emplace_back();
    for (std::size_t j = 0; j < result.columns.size(); ++j) {
      cells.push_back(query_cell(result.rows[i][j], numbers[i][j], context.human()));
    }
  }
  context.print(table);
  return 0;
}

int run_query(const Arguments& arguments, Context& context) {
  return until_interrupted([&] { return answer_query(arguments, context); });
}

int check_database(Context& context) {
  const std::vector<std::string> problems = context.session().reader().check();
  Table table{.kind = "problems", .columns = {{"problem", "", false, true}}};
  for (const std::string& problem : problems) table.rows.push_back({problem});
  if (problems.empty() && context.human()) {
    context.print("sound: " + context.session().store_address().text() + "\n");
    return 0;
  }
  context.print(table);
  return problems.empty() ? 0 : 1;
}

int run_upgrade(const Arguments&, Context& context) {
  Session& session = context.session();
  if (!session.store_exists()) session.reader();  // says what to do without a database
  Table table = single_table("database");
  add_fact(table, "file", session.store_address().text());
  table.columns.back().whole = true;
  add_fact(table, "schema_version", session.writer().stats().schema_version);
  context.print(table);
  return 0;
}

int run_check(const Arguments&, Context& context) {
  return until_interrupted([&] { return check_database(context); });
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
        "nasctl db query \"SELECT trial, value FROM leaderboard WHERE study = 'first' "
        "AND metric = 'accuracy' LIMIT 5\"",
    .positionals = {{.name = "SQL", .help = "a SELECT"}},
    .options = {{.name = "limit", .value = "N", .help = "rows at most", .standard = "1000"}},
    .run = run_query};

const Command db_upgrade{
    .noun = "db",
    .verb = "upgrade",
    .summary = "bring a database of an older version up to date",
    .description =
        "Every command that writes does it too. Older versions of Searchlight cannot "
        "open the database afterwards.",
    .examples = "nasctl db upgrade --store results.db",
    .run = run_upgrade};

const Command db_check{
    .noun = "db",
    .verb = "check",
    .summary = "look for damage and left-over work",
    .description = "Exit code 1 when something is wrong; every problem is one line.",
    .examples = "nasctl db check",
    .run = run_check};

}  // namespace nas::cli
