#include "cli/commands/transfer_options.h"
#include "core/util/counted.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// Options of the other kind of fit, which would have no effect.
void refuse_others(const Arguments& arguments) {
  for (const char* name : {"features", "train-fraction", "test"}) {
    if (!arguments.has(name)) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(name) + " has no effect with --kind latency");
  }
}

void explain(const TransferFitReport& report, Context& context) {
  for (const std::string& note : report.notes) context.note("note: " + note);
  context.note("fitted on " + counted(static_cast<std::int64_t>(report.measured), "measurement") +
               " and " + counted(std::ssize(report.sources), "other device") + " in " +
               format_seconds(report.fit_seconds) + "; " + report.row.path);
  for (const std::string& line : report.findings) context.note("  " + line);
}

}  // namespace

std::vector<OptionSpec> known_device_options(std::string_view needs) {
  return {{.name = "source",
           .value = "COLUMN",
           .help = "learn from this column of another device alone (default: all columns of the "
                   "metric on other devices); with --across from this benchmark, or 'BENCH COLUMN'",
           .completes = "column",
           .repeated = true,
           .needs = needs},
          {.name = "source-rows",
           .value = "N",
           .help = "rows of each other device that are learned from (--across: 20,000 of each "
                   "benchmark)",
           .standard = std::to_string(KnownDevices{}.source_rows),
           .needs = needs}};
}

KnownDevices known_devices(const Arguments& arguments) {
  KnownDevices known;
  known.benchmark = arguments.text_or("bench", "");
  known.space = arguments.text_or("space", "");
  known.target = arguments.text_or("target", "latency_ms@new");
  known.sources = arguments.all("source");
  known.source_rows = arguments.whole("source-rows", 10, 100'000);
  const PluginChoice plugin = parse_plugin_choice(arguments.text_or("plugin", known.plugin));
  known.plugin = plugin.name;
  known.options = plugin.options;
  for (const std::string& option : arguments.all("option")) add_option(known.options, option);
  known.seed = static_cast<std::uint64_t>(
      arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()));
  return known;
}

int run_fit_latency(const Arguments& arguments, Context& context) {
  refuse_others(arguments);
  TransferFit request;
  request.name = *arguments.text("NAME");
  request.known = known_devices(arguments);
  request.measured = arguments.text_or("measured", "");
  request.samples = arguments.integer_or("train", request.samples, 2, 1000);
  request.replace = arguments.has("replace");
  if (!request.measured.empty() && arguments.has("train")) {
    throw Error(ErrorKind::kUsage,
                "--train has no effect with --measured: every measurement is learned from");
  }
  const TransferFitReport report = fit_transfer(context.session(), request);
  explain(report, context);
  Table table = single_table("transfer_score");
  add_fact(table, "predictor", report.row.name);
  add_fact(table, "measured", static_cast<std::int64_t>(report.measured));
  add_fact(table, "sources", static_cast<std::int64_t>(report.sources.size()), "other devices");
  if (report.measured >= 3) {
    add_fact(table, "loo_spearman", correlation_cell(report.loo_spearman),
             "one left out: spearman");
    add_fact(table, "loo_within_10", report.left_out.within_10_percent, "within 10 %");
    add_fact(table, "loo_within_50", report.left_out.within_50, "in 50 % intervals");
    add_fact(table, "loo_within_80", report.left_out.within_80, "in 80 % intervals");
    add_fact(table, "loo_within_95", report.left_out.within_95, "in 95 % intervals");
  }
  if (const std::optional<TransferScore>& score = report.held_out) {
    add_fact(table, "held_out", static_cast<std::int64_t>(score->judged), "held out");
    add_fact(table, "spearman", correlation_cell(score->spearman), "spearman");
    add_fact(table, "ridge_spearman", correlation_cell(score->ridge_spearman), "ridge on counts");
    if (!score->best_source.empty()) {
      add_fact(table, "source_spearman", correlation_cell(score->source_spearman), "best source");
    }
    add_fact(table, "within_10", score->within_10_percent, "within 10 %, held out");
    add_fact(table, "within_50", score->within_50, "in 50 %, held out");
    add_fact(table, "within_80", score->within_80, "in 80 %, held out");
    add_fact(table, "within_95", score->within_95, "in 95 %, held out");
  }
  context.print(table);
  return 0;
}

}  // namespace nas::cli
