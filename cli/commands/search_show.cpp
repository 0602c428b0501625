#include "app/reports/report.h"
#include "app/reports/study_curves.h"
#include "app/study/study.h"
#include "app/study/study_owner.h"
#include "app/study/winner.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

StudyData study_argument(const Arguments& arguments, Context& context) {
  return load_study(context.session().reader(), *arguments.text("NAME"));
}

int run_list(const Arguments&, Context& context) {
  const Store& store = context.session().reader();
  std::vector<StudyRow> studies = store.studies();
  for (StudyRow& study : studies) study.state = state_now(store, study);
  context.print(studies_table(studies));
  return 0;
}

/// More than a study that runs for weeks has.
constexpr std::int64_t kMostEvents = 100'000;

int run_status(const Arguments& arguments, Context& context) {
  if (arguments.has("config")) context.require_own_form("a study file");
  StudyData study = study_argument(arguments, context);
  if (arguments.has("config")) {
    context.print(to_toml(study.config));
    return 0;
  }
  if (arguments.has("trials")) {
    context.print(trials_table(study));
    return 0;
  }
  study.row.state = state_now(context.session().reader(), study.row);
  const Store& store = context.session().reader();
  if (arguments.has("events")) {
    context.print(events_table(store.events(study.row.id, kMostEvents)));
    return 0;
  }
  if (arguments.has("curve")) {
    context.print(study_curve_table(store.study_curve(study.row.id)));
    return 0;
  }
  context.print(summary_table(study));
  return 0;
}

int train_best(const Arguments& arguments, Context& context) {
  WinnerOptions options;
  options.trial = arguments.integer_or("trial", -1, 0, 1'000'000'000);
  options.again = arguments.has("again");
  const WinnerOutcome winner = train_winner(context.session(), *arguments.text("NAME"), options);
  const TrainOutcome& training = winner.training;
  if (training.report.stopped) {
    context.note("stopped; the same command continues the training");
    return 130;
  }
  if (winner.known) context.note("trained before by this recipe; --again trains it once more");
  Table table{.kind = "winner",
              .columns = {{"trial"},
                          {"architecture", "", true},
                          {test_name(training.problem->metrics.front().name)},
                          {"model", "", false, true},
                          {"sha256", "", true}}};
  const std::vector<NamedValue>& test = training.report.test;
  table.rows.push_back({winner.trial, winner.architecture,
                        test.empty() ? Cell(std::monostate{}) : Cell(test.front().value),
                        training.path.string(), training.sha256});
  table.single = true;
  context.print(table);
  return 0;
}

/// A study without a complete trial: what came nearest, and exit code 1.
int show_nearest(const StudyData& study, std::int64_t limit, Context& context) {
  context.print(nearest_table(study, limit));
  context.note(without_complete_trial(study));
  return 1;
}

int run_best(const Arguments& arguments, Context& context) {
  if (arguments.has("trial") && arguments.has("train")) return train_best(arguments, context);
  const StudyData study = study_argument(arguments, context);
  const std::int64_t limit = arguments.whole("limit", 1, 1'000'000);
  if (leaders(study, "", 1).empty()) return show_nearest(study, limit, context);
  if (arguments.has("train")) return train_best(arguments, context);
  Table table = arguments.has("pareto")
                    ? pareto_table(study)
                    : leaderboard_table(study, arguments.text_or("by", ""), limit);
  table.single = limit == 1 && !arguments.has("pareto");
  context.print(table);
  if (table.rows.empty()) {
    context.note("no complete trial has a value of '" + arguments.text_or("by", "") + "'");
    return 1;
  }
  return 0;
}

int run_report(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const std::filesystem::path directory = arguments.text_or("output", file_stem(name) + "-report");
  require_folder_name(directory, "--output", "report.md, SVG and CSV files");
  Table table{.kind = "files", .columns = {{"file", "", false, true}}};
  for (const std::filesystem::path& file : study_report(context.session(), name, directory)) {
    table.rows.push_back({file.string()});
  }
  context.print(table);
  return 0;
}

const PositionalSpec kName{.name = "NAME", .help = "study", .completes = "study"};

}  // namespace

const Command search_list{.noun = "search",
                          .verb = "list",
                          .summary = "the studies of the database",
                          .examples = "nasctl search list --store results.db",
                          .run = run_list};

const Command search_status{
    .noun = "search",
    .verb = "status",
    .summary = "state, progress and settings of a study",
    .examples =
        "nasctl search status first\nnasctl search status first --trials --format csv\n"
        "nasctl search status first --config > study.toml",
    .positionals = {kName},
    .options = {{.name = "trials",
                 .value = "",
                 .help = "every trial with its state and reason",
                 .excludes = "config"},
                {.name = "events",
                 .value = "",
                 .help = "what happened to it, the oldest first",
                 .excludes = "config|trials"},
                {.name = "curve",
                 .value = "",
                 .help = "what it recorded by epoch while it prepared",
                 .excludes = "config|trials|events"},
                {.name = "config", .value = "", .help = "the study file that runs it again"}},
    .run = run_status};

const Command search_best{
    .noun = "search",
    .verb = "best",
    .summary = "leaderboard or Pareto front; train a winner",
    .description =
        "Exit code 1: no trial meets the constraints (then the nearest ones are shown, with what "
        "each\nmisses), or none is complete.",
    .examples =
        "nasctl search best first --limit 5\nnasctl search best first --pareto --json\n"
        "nasctl search best first --train --trial 12",
    .positionals = {kName},
    .options = {{.name = "by",
                 .value = "METRIC",
                 .help = "rank by this metric (default: first objective)"},
                {.name = "limit", .value = "N", .help = "rows", .standard = "10"},
                {.name = "pareto",
                 .value = "",
                 .help = "the non-dominated trials instead",
                 .excludes = "by|limit"},
                {.name = "train",
                 .value = "",
                 .help = "train the winner by the final recipe and save it",
                 .excludes = "by|limit|pareto"},
                {.name = "trial",
                 .value = "N",
                 .help = "this trial instead of the best",
                 .needs = "train"},
                {.name = "again",
                 .value = "",
                 .help = "train again, though this trial has its model of the final recipe",
                 .needs = "train"}},
    .run = run_best};

const Command search_report{
    .noun = "search",
    .verb = "report",
    .summary = "write tables and plots of a study",
    .description =
        "report.md with its SVG plots (Pareto front, best so far; curves, alphas and events of a "
        "preparation) and trials.csv.",
    .examples = "nasctl search report first --output first-report",
    .positionals = {kName},
    .options = {{.name = "output",
                 .value = "DIR",
                 .help = "folder (default: NAME-report)",
                 .completes = "dir"}},
    .run = run_report};

}  // namespace nas::cli
