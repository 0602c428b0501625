#include <algorithm>
#include <cmath>

#include "app/benchmarks/benchmark_join.h"
#include "app/benchmarks/correlation.h"
#include "app/lookup/architecture_lookup.h"
#include "app/lookup/benchmark_query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// More rows than this on a terminal are surely not wanted.
constexpr std::size_t kScreenful = 20;

BenchmarkQuery read_query(const Arguments& arguments) {
  BenchmarkQuery query{.architectures = arguments.all("ARCHITECTURE"),
                       .columns = arguments.all("column"),
                       .conditions = arguments.all("where"),
                       .then_by = arguments.all("by"),
                       .front = arguments.has("pareto")};
  if (query.front && query.then_by.size() < 2) {
    throw Error(ErrorKind::kUsage, "--pareto needs at least two objectives: --by COLUMN for each");
  }
  if (!query.then_by.empty()) {
    query.order_by = query.then_by.front();
    query.then_by.erase(query.then_by.begin());
  }
  query.top = static_cast<std::size_t>(arguments.integer_or("top", 0, 1, 1'000'000'000));
  return query;
}

/// One row was asked for by name or as the best one.
bool asks_one(const BenchmarkQuery& query) {
  if (query.top == 1) return true;
  return query.architectures.size() == 1 && !query.architectures.front().starts_with('@');
}

/// Below a table for people, else on stderr: what the rows alone do not say.
void say(const std::string& text, Table& table, Context& context) {
  if (text.empty()) return;
  if (context.human()) {
    table.caption += (table.caption.empty() ? "" : "; ") + text;
  } else {
    context.note(text);
  }
}

int run_query(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  if (arguments.has("columns")) {
    context.print(columns_table(*context.session().benchmark(name)));
    return 0;
  }
  const BenchmarkQuery query = read_query(arguments);
  QueryAnswer answer = query_benchmark(context.session(), name, query);
  for (const std::string& note : answer.notes) context.note(note);
  for (const std::string& text : answer.absent) {
    context.note("not in " + name + ": " + printable(text));
  }
  Table& table = answer.table;
  const std::size_t found = table.rows.size();
  table.single = asks_one(query) && found < 2;
  if (context.human() && found > kScreenful && query.top == 0) {
    table.rows.resize(kScreenful);
    table.caption = std::to_string(kScreenful) + " of " +
                    format_count(static_cast<std::int64_t>(found)) +
                    " rows; --format csv gives all, --top N --by COLUMN the best";
  }
  say(answer.front, table, context);
  say(answer.sources, table, context);
  context.print(table);
  if (!answer.unmet.empty()) context.note(printable(answer.unmet));
  return found == 0 || !answer.absent.empty() || !answer.unmet.empty() ? 1 : 0;
}

int run_export(const Arguments& arguments, Context& context) {
  if (context.human() && !arguments.has("format")) {
    throw Error(ErrorKind::kUsage, "choose --format csv, json or jsonl");
  }
  const BenchmarkQuery query{.columns = arguments.all("column")};
  context.print(query_benchmark(context.session(), *arguments.text("NAME"), query).table);
  return 0;
}

int run_correlate(const Arguments& arguments, Context& context) {
  Session& session = context.session();
  const std::shared_ptr<const Benchmark> benchmark = session.benchmark(*arguments.text("NAME"));
  BenchmarkJoin join(session, benchmark->info().name);
  const JoinedColumn& truth = join.single_column(*arguments.text("truth"));
  std::vector<std::size_t> scores;
  for (const std::string& text : arguments.all("score")) {
    std::vector<std::size_t> fitting = benchmark->matching(parse_column_query(text));
    // None: let the error say what there is.
    if (fitting.empty()) benchmark->column(text);
    std::erase_if(fitting, [&](std::size_t i) { return benchmark->columns()[i].width > 1; });
    if (fitting.empty()) {
      throw Error(ErrorKind::kUsage, "--score " + printable(text) +
                                         ": the column holds several values per row; one is needed "
                                         "here");
    }
    scores.insert(scores.end(), fitting.begin(), fitting.end());
  }
  if (scores.empty()) {
    scores = score_columns(*benchmark);
    // The truth itself is not one of the scores.
    std::erase_if(scores, [&](std::size_t i) { return truth.own && i == truth.index; });
  }
  if (scores.empty()) {
    throw Error(ErrorKind::kUsage, "benchmark '" + benchmark->info().name +
                                       "' has no columns of proxies; name columns with --score, or "
                                       "compute some by 'nasctl bench score'");
  }
  const bool maximize = truth.column.maximize;
  std::vector<double> values = comparable_truth(
      *benchmark, {truth.values.begin(), truth.values.end()}, scores, arguments.has("common"));
  std::string part;
  if (arguments.has("top")) {
    constexpr double kPercent = 100;
    const double percent = arguments.number("top", 0.01, kPercent);
    values = top_part(std::move(values), maximize, percent / kPercent);
    part = "the best " + format_short(percent) + " % of ";
  }
  const std::vector<Correlation> found =
      correlate(*benchmark, values, maximize, scores,
                {.vote = arguments.has("vote"), .rank_sum = arguments.has("rank-sum")});
  const auto with_truth = std::count_if(values.begin(), values.end(),
                                        [](double value) { return std::isfinite(value); });
  Table table = correlation_table(found, static_cast<std::size_t>(with_truth), part + truth.key);
  say(join.sources(), table, context);
  context.print(table);
  const bool partly = std::any_of(found.begin(), found.end(),
                                  [](const Correlation& row) { return row.missing > 0; });
  if (partly) {
    context.note("note: some scores are missing: n counts those of the " +
                 format_count(with_truth) + " rows with a truth that have one");
  }
  return 0;
}

constexpr PositionalSpec kName{.name = "NAME", .help = "benchmark", .completes = "benchmark"};

}  // namespace

const Command bench_query{
    .noun = "bench",
    .verb = "query",
    .summary = "look architectures up, or find the best",
    .description =
        "A COLUMN is a short name as --columns lists it, words in any order (accuracy cifar10\n"
        "test), a metric with its device (latency_ms@pixel3), or the long key\n"
        "(accuracy:dataset=cifar10,split=test,epochs=200). What the benchmark does not have is\n"
        "looked for in the other benchmarks of its space, joined by architecture; "
        "BENCHMARK/COLUMN\n"
        "says which one is meant. A name that fits several columns is an error that lists them.\n"
        "Without ARCHITECTURE: all rows. An architecture that the table has under another text of\n"
        "the same function is found, and said. Exit code 1 when nothing is found; where no row\n"
        "meets the conditions, the nearest ones are shown with what each misses.",
    .examples =
        "nasctl bench query nb201 --columns\n"
        "nasctl bench query nb201 index:13,714 row:284\n"
        "nasctl bench query nb101 edb7648dd596405eddc9a5c607b494a6\n"
        "nasctl bench query sz_nb201 '(4, 0, 3, 1, 4, 3)' @cell.txt\n"
        "nasctl bench query nb201 --top 5 --by 'accuracy cifar10 test'\n"
        "nasctl bench query nb201 --top 1 --by 'accuracy cifar10 test' --where "
        "'latency_ms cifar10<3@pixel3'\n"
        "nasctl bench query nb201 --pareto --by 'accuracy cifar10 test' --by 'params cifar10'\n"
        "nasctl bench query nb201 --where 'params < 500k' --column synflow --format csv",
    .positionals =
        {kName,
         {.name = "ARCHITECTURE", .help = kArchitectureWords, .required = false, .repeated = true}},
    .options = {{.name = "column", .value = "COLUMN", .help = "show this one", .repeated = true},
                {.name = "where",
                 .value = "CONDITION",
                 .help = "only rows with COLUMN < NUMBER (<=, >, >=, ==, !=; k, M, G multiply)",
                 .repeated = true},
                {.name = "by",
                 .value = "COLUMN",
                 .help = "order, best first; a second one breaks ties, and 'minimize COLUMN' "
                         "reverses the direction",
                 .repeated = true},
                {.name = "pareto",
                 .value = "",
                 .help = "only rows that no other row beats in all --by",
                 .needs = "by"},
                {.name = "top", .value = "N", .help = "only the best N by --by", .needs = "by"},
                {.name = "columns",
                 .value = "",
                 .help = "list the columns and their provenance",
                 .excludes = "ARCHITECTURE|column|where|by|pareto|top"}},
    .run = run_query};

const Command bench_export{
    .noun = "bench",
    .verb = "export",
    .summary = "all rows as CSV or JSON",
    .examples = "nasctl bench export nb201 --format csv",
    .positionals = {kName},
    .options = {{.name = "column",
                 .value = "COLUMN",
                 .help = "only this one (default: all with one value per row)",
                 .repeated = true}},
    .run = run_export};

const Command bench_correlate{
    .noun = "bench",
    .verb = "correlate",
    .summary = "how scores rank architectures compared with the truth",
    .description =
        "Spearman, Kendall's tau-b, Pearson (of finite values), the part of pairs in the right "
        "order,\n"
        "and the best truth among the ten that a score puts first. Columns are taken as they are;\n"
        "failed scores rank last, missing ones are left out and counted. Where a column is "
        "constant the numbers are undefined. Scores of\n"
        "different rows do not compare: that is an error unless --common.",
    .examples =
        "nasctl bench correlate nb201 --truth 'accuracy cifar10 test'\n"
        "nasctl bench correlate nb201 --truth 'accuracy valid' --score synflow --score params\n"
        "nasctl bench correlate nb201 --truth 'accuracy cifar10 test' --rank-sum --top 10",
    .positionals = {kName},
    .options =
        {{.name = "truth", .value = "COLUMN", .help = "what is to be ranked", .required = true},
         {.name = "score",
          .value = "COLUMN",
          .help = "all columns that fit (default: every proxy)",
          .repeated = true},
         {.name = "common", .value = "", .help = "only the rows that have all of the scores"},
         {.name = "vote", .value = "", .help = "add the majority vote of the scores"},
         {.name = "rank-sum", .value = "", .help = "add the sum of the ranks of the scores"},
         {.name = "top",
          .value = "PERCENT",
          .help = "only among this best part of the rows, by the truth (default: all)"}},
    .run = run_correlate};

}  // namespace nas::cli
