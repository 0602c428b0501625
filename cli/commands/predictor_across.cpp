#include "app/predictors/across_fit.h"

#include "cli/commands/across_options.h"
#include "cli/commands/transfer_options.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// Options of other kinds of fit, which would have no effect.
void refuse_others(const Arguments& arguments) {
  for (const char* name : {"features", "train-fraction", "test"}) {
    if (!arguments.has(name)) continue;
    throw Error(ErrorKind::kUsage,
                "--" + std::string(name) + " has no effect with --kind accuracy");
  }
  for (const char* name : {"source", "source-rows"}) {
    if (!arguments.has(name) || arguments.has("across")) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(name) +
                                       " has no effect without --across: other spaces are not "
                                       "learned from");
  }
}

AcrossFit request_of(const Arguments& arguments) {
  AcrossFit request;
  request.name = *arguments.text("NAME");
  request.plugin = parse_plugin_choice(arguments.text_or("plugin", request.plugin.name));
  for (const std::string& option : arguments.all("option")) {
    add_option(request.plugin.options, option);
  }
  request.benchmark = arguments.text_or("bench", "");
  request.space = arguments.text_or("space", "");
  request.target = *arguments.text("target");
  request.across = arguments.has("across");
  request.sources = arguments.all("source");
  if (arguments.has("source-rows")) {
    request.source_rows = arguments.whole("source-rows", 10, 10'000'000);
  }
  request.measured = arguments.text_or("measured", "");
  request.labels = arguments.integer_or("train", 0, 2, 1000);
  request.seed = static_cast<std::uint64_t>(
      arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()));
  request.replace = arguments.has("replace");
  if (!request.measured.empty() && arguments.has("train")) {
    throw Error(ErrorKind::kUsage,
                "--train has no effect with --measured: every label is learned from");
  }
  return request;
}

void explain(const AcrossFitReport& report, Context& context) {
  for (const std::string& note : report.notes) context.note("note: " + note);
  context.note("fitted on " + std::to_string(report.sources.size()) + " other space(s) and " +
               std::to_string(report.labels) + " labels in " + format_seconds(report.fit_seconds) +
               "; " + report.row.path);
  for (const std::string& source : report.sources) context.note("  " + source);
  for (const std::string& line : report.findings) context.note("  " + line);
  if (report.labels == 0) {
    context.note(
        "note: without labels of the space predictions order its networks; their level is that of "
        "the other spaces");
  }
}

}  // namespace

int run_fit_accuracy(const Arguments& arguments, Context& context) {
  refuse_others(arguments);
  const AcrossFitReport report = fit_across(context.session(), request_of(arguments));
  explain(report, context);
  Table table = single_table("across_score");
  add_fact(table, "predictor", report.row.name);
  add_fact(table, "sources", static_cast<std::int64_t>(report.sources.size()), "other spaces");
  add_fact(table, "labels", static_cast<std::int64_t>(report.labels));
  if (report.left_out) {
    add_fact(table, "loo_spearman", correlation_cell(report.loo_spearman),
             "one left out: spearman");
    add_fact(table, "loo_within_80", report.left_out->within_80, "in 80 % intervals");
  }
  if (const std::optional<AcrossScore>& held = report.held_out) {
    add_fact(table, "held_out", static_cast<std::int64_t>(held->score.samples), "held out");
    add_fact(table, "spearman", correlation_cell(held->score.spearman));
    add_fact(table, "kendall", correlation_cell(held->score.kendall));
    add_fact(table, "best_fifth", correlation_cell(held->best_fifth), "spearman in the best fifth");
    add_fact(table, "macs_spearman", correlation_cell(held->macs), "live MACs alone");
  }
  context.print(table);
  return 0;
}

}  // namespace nas::cli
