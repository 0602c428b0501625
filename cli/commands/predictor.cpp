#include "app/predictors/predictors.h"
#include "app/predictors/transfer_score.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/across_options.h"
#include "cli/commands/transfer_options.h"
#include "cli/plugin_tables.h"
#include "core/util/counted.h"
#include "core/util/text.h"
#include "predictors/registry.h"

namespace nas::cli {

Cell correlation_cell(const std::optional<double>& value) {
  return value ? Cell(*value) : Cell(std::string("undefined"));
}

namespace {

Table score_table(const std::string& name, const PredictorScore& score) {
  Table table{.kind = "predictor_score",
              .columns = {{"predictor", "", false, true},
                          {"held_out", "held out"},
                          {"spearman"},
                          {"kendall"},
                          {"pearson"},
                          {"ndcg", "NDCG@" + std::to_string(score.ndcg_k)}}};
  table.rows.push_back({name, static_cast<std::int64_t>(score.samples),
                        correlation_cell(score.spearman), correlation_cell(score.kendall),
                        correlation_cell(score.pearson), correlation_cell(score.ndcg)});
  table.single = true;
  return table;
}

void explain(const PredictorScore& score, Context& context) {
  if (score.samples == 0) {
    context.note("note: no rows are held out, so nothing was judged");
  } else if (score.constant) {
    context.note(
        "note: the predictor gives every architecture the same value, so correlations are "
        "undefined");
  } else if (!score.spearman) {
    context.note(
        "note: the correlations are undefined (the targets are all equal, or fewer than 2)");
  }
}

std::vector<std::string> feature_queries(const Arguments& arguments) {
  return arguments.all("features");
}

/// Throws as the parser does for a required option.
std::string required(const Arguments& arguments, const std::string& name,
                     const std::string& value) {
  if (auto text = arguments.text(name)) return *text;
  throw Error(ErrorKind::kUsage, "missing --" + name + " " + value);
}

int run_fit(const Arguments& arguments, Context& context) {
  const std::string kind = arguments.value("kind");
  if (kind == "latency") return run_fit_latency(arguments, context);
  if (kind == "accuracy") return run_fit_accuracy(arguments, context);
  PredictorFit request;
  request.name = *arguments.text("NAME");
  request.plugin = parse_plugin_choice(required(arguments, "plugin", "PLUGIN"));
  for (const std::string& option : arguments.all("option")) {
    add_option(request.plugin.options, option);
  }
  request.benchmark = required(arguments, "bench", "BENCH");
  request.target = *arguments.text("target");
  request.features = feature_queries(arguments);
  request.train = arguments.integer_or("train", 0, 2, 100'000'000);
  request.train_fraction = arguments.number("train-fraction", 0, 1);
  request.test = arguments.integer_or("test", 0, 1, 100'000'000);
  request.seed = static_cast<std::uint64_t>(
      arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()));
  request.replace = arguments.has("replace");
  const PredictorFitReport report = fit_predictor(context.session(), request);
  context.note("fitted on " + counted(report.row.samples, "architecture") + " in " +
               format_seconds(report.fit_seconds) + "; " + report.row.path);
  if (report.left_out > 0) {
    context.note("note: " + format_count(static_cast<std::int64_t>(report.left_out)) +
                 " rows have no finite target and were left out");
  }
  if (report.incomplete_rows > 0) {
    context.note("note: " + format_count(static_cast<std::int64_t>(report.incomplete_rows)) +
                 " of the rows it learned from lack a feature (missing or failed)");
  }
  explain(report.held_out, context);
  context.print(score_table(request.name, report.held_out));
  return 0;
}

/// Judged on what the user measured; parts of the networks are in percent.
int run_eval_measured(const std::string& name, const MeasuredScore& score, Context& context) {
  explain(score.order, context);
  Table table = score_table(name, score.order);
  if (score.forecast) {
    const auto add = [&](const char* column, const char* title, double part) {
      table.columns.push_back({column, title});
      table.rows.front().emplace_back(100 * part);
    };
    add("within_10_percent", "% within 10 %", score.forecast->within_10_percent);
    add("within_50", "% in the 50 % interval", score.forecast->within_50);
    add("within_80", "% in the 80 % interval", score.forecast->within_80);
    add("within_95", "% in the 95 % interval", score.forecast->within_95);
  }
  context.print(table);
  return 0;
}

int run_eval(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const StoredPredictor stored = load_predictor(context.session(), name);
  if (const auto file = arguments.text("measured")) {
    return run_eval_measured(
        name,
        judge_measurements(context.session(), stored, *file,
                           static_cast<std::size_t>(arguments.whole("ndcg", 1, 1'000'000))),
        context);
  }
  const PredictorScore score = evaluate_predictor(
      context.session(), stored, arguments.text_or("bench", ""), arguments.text_or("target", ""),
      arguments.integer_or("test", 0, 1, 100'000'000),
      static_cast<std::size_t>(arguments.whole("ndcg", 1, 1'000'000)));
  explain(score, context);
  context.print(score_table(name, score));
  return 0;
}

int run_apply(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const StoredPredictor stored = load_predictor(context.session(), name);
  const std::vector<std::string> words = arguments.all("ARCHITECTURE");
  const std::string benchmark = arguments.text_or("bench", "");
  if (words.empty()) {
    const BenchmarkColumn column = add_predictions(context.session(), stored, benchmark);
    Table table{.kind = "predicted_column", .columns = {{"benchmark"}, {"column", "", true}}};
    table.rows.push_back({benchmark.empty() ? stored.benchmark : benchmark, column_text(column)});
    table.single = true;
    context.print(table);
    return 0;
  }
  std::vector<Architecture> architectures;
  ArchitectureLookup lookup(context.session());
  const PluginChoice space = parse_plugin_choice(stored.row.space);
  for (const std::string& word : words) {
    NamedByText named =
        lookup.architecture(word, space, benchmark.empty() ? stored.benchmark : benchmark);
    if (!named.note.empty()) context.note(named.note);
    validate(*stored.space, named.architecture);
    architectures.push_back(std::move(named.architecture));
  }
  const std::vector<Prediction> predictions =
      apply_predictor(context.session(), stored, architectures, benchmark);
  Table table{.kind = "predictions",
              .columns = {{"architecture", "", true}, {"prediction"}, {"deviation"}}};
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    table.rows.push_back({stored.space->format(architectures[i]), predictions[i].mean,
                          predictions[i].deviation > 0 ? Cell(predictions[i].deviation) : Cell()});
  }
  table.single = words.size() == 1;
  context.print(table);
  return 0;
}

void print_plugins(Context& context) {
  Table table{
      .kind = "predictor_plugins",
      .columns = {{"plugin", "", false, true}, {.name = "summary", .shrink = true, .wrap = true}},
      .caption = "nasctl predictor list --plugin NAME shows the options of one"};
  for (const Plugin<Predictor>* plugin : predictor_plugins()) {
    table.rows.push_back({std::string(plugin->name), std::string(plugin->summary)});
  }
  context.print(table);
}

int run_list(const Arguments& arguments, Context& context) {
  if (const auto plugin = arguments.text("plugin")) {
    print_plugin(find_plugin(predictor_plugins(), "predictor", *plugin),
                 "--plugin NAME:KEY=VALUE or --option KEY=VALUE", context);
    return 0;
  }
  if (arguments.has("plugins")) {
    print_plugins(context);
    return 0;
  }
  Table table{.kind = "predictors",
              .columns = {{"name", "", false, true},
                          {"plugin"},
                          {"samples"},
                          {"seed"},
                          {"features"},
                          {"target", "", true},
                          {"file", "", false, true}},
              .caption = "nasctl predictor list --plugins shows what can be fitted"};
  for (const PredictorRow& row : context.session().reader().predictors()) {
    const std::size_t features = row.features.empty() ? 0 : split(row.features, '\n').size();
    table.rows.push_back({row.name, row.plugin, row.samples, static_cast<std::int64_t>(row.seed),
                          static_cast<std::int64_t>(features), row.target, row.path});
  }
  context.print(table);
  return 0;
}

}  // namespace

const Command predictor_fit{
    .noun = "predictor",
    .verb = "fit",
    .summary = "learn a column of a benchmark, a new device or a new space from few measurements",
    .description =
        "Draws rows by seed, fits, judges on rows that were not drawn (Spearman, Kendall's tau-b, "
        "Pearson, NDCG), and saves the predictor beside the database "
        "(predictors/NAME.safetensors and NAME.json). With --kind latency it learns a device that "
        "was never seen: from the measurements of --measured and from what other devices of the "
        "benchmark say about the same networks; it judges itself by leaving each measurement out. "
        "Without --measured the benchmark has the target, --train of its rows are taken as "
        "measurements and the others are judged. With --kind accuracy --across it learns to order "
        "the networks of a space from accuracies in other spaces (--source, default: every other "
        "benchmark with the metric), without any label of the space or with few (--train, "
        "--measured); without --across from those few alone.",
    .examples =
        "nasctl predictor fit mine --plugin xgboost --bench zc --target val_accuracy --features "
        "proxies --train 400\n"
        "nasctl predictor fit paths --plugin gp:encoding=path --bench nb201 \\\n"
        "  --target accuracy:dataset=cifar10,split=test,epochs=200 --train 150 --seed 1\n"
        "nasctl predictor fit pi --kind latency --bench help --target latency_ms@pi "
        "--measured pi.csv\n"
        "nasctl predictor fit unseen --kind accuracy --across --bench nb201 --source nb101 \\\n"
        "  --target accuracy:dataset=cifar10,split=test,epochs=200",
    .positionals = {{.name = "NAME", .help = "name of the new predictor"}},
    .options = joined(
        {{.name = "kind",
          .value = "KIND",
          .help = "what is learned: a column of the benchmark, the latency (or another "
                  "METRIC@DEVICE) of a new device, the accuracy in a new space",
          .choices = "column|latency|accuracy",
          .standard = "column"},
         {.name = "across",
          .value = "",
          .help = "learn from benchmarks of other spaces",
          .needs = "kind=accuracy"},
         {.name = "plugin",
          .value = "PLUGIN",
          .help = "what to fit, with options: gp, xgboost:depth=4 (predictor list --plugins)"},
         {.name = "option",
          .value = "KEY=VALUE",
          .help = "an option of the plug-in",
          .repeated = true},
         {.name = "bench",
          .value = "BENCH",
          .help = "benchmark; with --kind latency the one with other devices, with --kind accuracy "
                  "the new space's"},
         {.name = "target",
          .value = "COLUMN",
          .help = "column to predict, as 'bench query' names it; with --kind latency "
                  "METRIC@DEVICE",
          .required = true},
         {.name = "features",
          .value = "COLUMN",
          .help = "a column it sees; 'proxies' = every column of a zero-cost proxy",
          .repeated = true},
         {.name = "train",
          .value = "N",
          .help = "rows to learn from (--kind latency: 10; --kind accuracy: none)"},
         {.name = "train-fraction",
          .value = "X",
          .help = "part of the rows",
          .standard = format_double(PredictorFit{}.train_fraction),
          .excludes = "train"},
         {.name = "test", .value = "N", .help = "held-out rows to judge on (default: all)"},
         {.name = "seed", .value = "N", .help = "random seed", .standard = "0"},
         {.name = "measured",
          .value = "FILE",
          .help = "CSV with the columns architecture and latency_ms (the metric's name): "
                  "what was measured on the new device, or trained in the new space",
          .completes = "file",
          .needs = "kind=latency|kind=accuracy"},
         {.name = "space",
          .value = "NAME",
          .help = "space of the networks, if no benchmark is given",
          .completes = "space",
          .needs = "kind=latency|kind=accuracy",
          .excludes = "bench"},
         {.name = "replace", .value = "", .help = "replace a predictor of this name"}},
        known_device_options("kind=latency|across")),
    .run = run_fit};

const Command predictor_eval{
    .noun = "predictor",
    .verb = "eval",
    .summary = "judge a fitted predictor on rows it has not seen",
    .description =
        "On its own benchmark: the rows it did not learn from. With --measured on networks of your "
        "own: measure\n"
        "others than those that it learned from. A correlation is the word 'undefined' where the "
        "predictor\n"
        "gives all architectures the same value.",
    .examples =
        "nasctl predictor eval mine\n"
        "nasctl predictor eval pi --measured pi-others.csv\n"
        "nasctl predictor eval mine --target accuracy:dataset=cifar100,split=test --ndcg 50",
    .positionals = {{.name = "NAME", .help = "predictor", .completes = "predictor"}},
    .options = {{.name = "bench", .value = "BENCH", .help = "another benchmark of the same space"},
                {.name = "target", .value = "COLUMN", .help = "another target"},
                {.name = "test", .value = "N", .help = "at most this many rows"},
                {.name = "measured",
                 .value = "FILE",
                 .help = "judge on networks of your own: CSV with the columns architecture and "
                         "latency_ms (the metric's name)",
                 .completes = "file",
                 .excludes = "bench|target|test"},
                {.name = "ndcg", .value = "K", .help = "NDCG of the best K", .standard = "10"}},
    .run = run_eval};

const Command predictor_apply{
    .noun = "predictor",
    .verb = "apply",
    .summary = "predict architectures, or a whole benchmark",
    .description =
        "Without architectures: predicts every row of the benchmark and keeps the predictions as "
        "a column of it (statistic predictor=NAME).",
    .examples =
        "nasctl predictor apply mine index:13714 row:9930 trial:first/3\n"
        "nasctl predictor apply mine --bench nb201",
    .positionals =
        {{.name = "NAME", .help = "predictor", .completes = "predictor"},
         {.name = "ARCHITECTURE", .help = kArchitectureHelp, .required = false, .repeated = true}},
    .options = {{.name = "bench",
                 .value = "BENCH",
                 .help = "benchmark with the features (default: the one it was fitted on)"}},
    .run = run_apply};

const Command predictor_list{
    .noun = "predictor",
    .verb = "list",
    .summary = "fitted predictors, or what can be fitted",
    .examples =
        "nasctl predictor list\n"
        "nasctl predictor list --plugins\n"
        "nasctl predictor list --plugin xgboost",
    .options =
        {{.name = "plugins", .value = "", .help = "the plug-ins instead", .excludes = "plugin"},
         {.name = "plugin", .value = "NAME", .help = "the options of one plug-in"}},
    .run = run_list};

}  // namespace nas::cli
