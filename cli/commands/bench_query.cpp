#include "app/benchmark_query.h"
#include "app/correlation.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// More rows than this on a terminal are surely not wanted.
constexpr std::size_t kScreenful = 20;

/// One architecture with all its columns reads better downwards.
Table turned(const Table& table) {
  Table result{.kind = table.kind, .columns = {{"property"}, {"value", "", true}}};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    result.rows.push_back({column.title.empty() ? column.name : column.title, table.rows[0][i]});
  }
  return result;
}

BenchmarkQuery read_query(const Arguments& arguments) {
  BenchmarkQuery query{.architectures = arguments.all("ARCHITECTURE"),
                       .columns = arguments.all("column"),
                       .conditions = arguments.all("where"),
                       .order_by = arguments.text_or("by", "")};
  query.top = static_cast<std::size_t>(arguments.integer_or("top", 0, 1, 1'000'000'000));
  if (query.top > 0 && query.order_by.empty()) {
    throw Error(ErrorKind::kUsage, "--top needs --by COLUMN: best by what?");
  }
  // The column that decides is always worth seeing.
  if (query.columns.empty() && !query.order_by.empty()) query.columns = {query.order_by};
  return query;
}

int run_query(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  if (arguments.has("columns")) {
    context.print(columns_table(*context.session().benchmark(name)));
    return 0;
  }
  QueryAnswer answer = query_benchmark(context.session(), name, read_query(arguments));
  for (const std::string& text : answer.absent) {
    context.note("not in " + name + ": " + printable(text));
  }
  Table& table = answer.table;
  const std::size_t found = table.rows.size();
  if (context.human() && found == 1 && !arguments.has("column")) {
    context.print(turned(table));
  } else {
    const bool cut = context.human() && found > kScreenful && !arguments.has("top");
    if (cut) {
      table.rows.resize(kScreenful);
      table.caption = std::to_string(kScreenful) + " of " +
                      format_count(static_cast<std::int64_t>(found)) +
                      " rows; --format csv gives all, --top N --by COLUMN the best";
    }
    context.print(table);
  }
  return found == 0 || !answer.absent.empty() ? 1 : 0;
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
  const std::shared_ptr<const Benchmark> benchmark =
      context.session().benchmark(*arguments.text("NAME"));
  const std::shared_ptr<const Benchmark> judge =
      context.session().benchmark(arguments.text_or("truth-of", benchmark->info().name));
  const std::size_t truth = judge->column(*arguments.text("truth"));
  std::vector<std::size_t> scores;
  for (const std::string& text : arguments.all("score")) {
    const std::vector<std::size_t> fitting = benchmark->matching(parse_column_query(text));
    // None: let the error say what there is.
    if (fitting.empty()) benchmark->column(text);
    scores.insert(scores.end(), fitting.begin(), fitting.end());
  }
  if (scores.empty()) scores = score_columns(*benchmark);
  if (scores.empty()) {
    throw Error(ErrorKind::kUsage, "benchmark '" + benchmark->info().name +
                                       "' has no columns of proxies; name columns with --score, or "
                                       "compute some by 'nasctl bench score'");
  }
  context.print(correlation_table(correlate(*benchmark, aligned_values(*judge, truth, *benchmark),
                                            scores, arguments.has("vote")),
                                  benchmark->rows(), column_text(judge->columns()[truth])));
  return 0;
}

constexpr PositionalSpec kName{.name = "NAME", .help = "benchmark"};

}  // namespace

const Command bench_query{
    .noun = "bench",
    .verb = "query",
    .summary = "look architectures up, or find the best",
    .description =
        "A COLUMN is a metric with as much of its provenance as tells it apart:\n"
        "accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean. What fits several columns\n"
        "is an error that lists them. Exit code 1 when nothing is found.",
    .examples =
        "nasctl bench query nb201 --columns\n"
        "nasctl bench query nb201 '#284'\n"
        "nasctl bench query nb201 --top 5 --by accuracy:dataset=cifar10,statistic=mean\n"
        "nasctl bench query nb201 --where 'params < 500000' --column synflow --format csv",
    .positionals = {kName,
                    {.name = "ARCHITECTURE",
                     .help = "in the table's or the space's notation, or #ROW; none: all",
                     .required = false,
                     .repeated = true}},
    .options = {{.name = "column", .value = "COLUMN", .help = "show this one", .repeated = true},
                {.name = "where",
                 .value = "CONDITION",
                 .help = "only rows with COLUMN < NUMBER (<=, >, >=, ==, !=)",
                 .repeated = true},
                {.name = "by", .value = "COLUMN", .help = "order, best first"},
                {.name = "top", .value = "N", .help = "only the best N by --by"},
                {.name = "columns", .value = "", .help = "list the columns and their provenance"}},
    .run = run_query};

const Command bench_export{.noun = "bench",
                           .verb = "export",
                           .summary = "all rows as CSV or JSON",
                           .examples = "nasctl bench export nb201 --format csv",
                           .positionals = {kName},
                           .options = {{.name = "column",
                                        .value = "COLUMN",
                                        .help = "only this one (default: all of one value a row)",
                                        .repeated = true}},
                           .run = run_export};

const Command bench_correlate{
    .noun = "bench",
    .verb = "correlate",
    .summary = "how scores rank architectures compared with the truth",
    .description =
        "Spearman, Kendall's tau-b, Pearson (of finite values) and the part of pairs in the right\n"
        "order. Numbers are of the columns as they are; failed scores rank last, missing ones are\n"
        "left out and counted. Where a column is constant the numbers are undefined.",
    .examples =
        "nasctl bench correlate nb201 --truth accuracy:dataset=cifar10,statistic=mean\n"
        "nasctl bench correlate nb201 --truth accuracy:split=valid --score synflow --score params",
    .positionals = {kName},
    .options =
        {{.name = "truth", .value = "COLUMN", .help = "what is to be ranked", .required = true},
         {.name = "score",
          .value = "COLUMN",
          .help = "all columns that fit (default: every proxy)",
          .repeated = true},
         {.name = "vote", .value = "", .help = "add the majority vote of the scores"}},
    .run = run_correlate};

}  // namespace nas::cli
