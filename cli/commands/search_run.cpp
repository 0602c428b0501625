#include <limits>

#include "app/report.h"
#include "app/smoke.h"
#include "app/study.h"
#include "app/winner.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

void read_plugins(const Arguments& arguments, StudyConfig& config) {
  if (const auto space = arguments.text("space")) config.space = parse_plugin_choice(*space);
  for (const std::string& option : arguments.all("space-option")) {
    add_option(config.space.options, option);
  }
  if (const auto searcher = arguments.text("searcher")) {
    config.searcher = parse_plugin_choice(*searcher);
  }
  for (const std::string& option : arguments.all("searcher-option")) {
    add_option(config.searcher.options, option);
  }
}

void read_recipes(const Arguments& arguments, StudyConfig& config) {
  if (const auto preset = arguments.text("preset")) config.recipe.preset = *preset;
  for (const std::string& option : arguments.all("recipe")) {
    add_option(config.recipe.options, option);
  }
  if (const auto preset = arguments.text("final-preset")) config.final_recipe.preset = *preset;
  for (const std::string& option : arguments.all("final-recipe")) {
    add_option(config.final_recipe.options, option);
  }
  if (arguments.has("no-winner")) config.train_winner = false;
}

void read_goals(const Arguments& arguments, StudyConfig& config) {
  std::vector<std::string> objectives;
  for (const std::string& metric : arguments.all("maximize")) {
    objectives.push_back("maximize " + metric);
  }
  for (const std::string& metric : arguments.all("minimize")) {
    objectives.push_back("minimize " + metric);
  }
  if (!objectives.empty()) config.objectives = objectives;
  if (arguments.has("constraint")) config.constraints = arguments.all("constraint");
}

void read_scores(const Arguments& arguments, ScoreChoice& scores) {
  if (const auto data = arguments.text("score-data")) scores.data = *data;
  scores.batch = arguments.integer_or("score-batch", scores.batch, 1, 65536);
  if (arguments.has("proxy")) scores.proxies = arguments.all("proxy");
}

void read_budget(const Arguments& arguments, StudyConfig& config) {
  constexpr std::int64_t kMost = 1'000'000'000;
  config.budget_trials = arguments.integer_or("budget", config.budget_trials, 1, kMost);
  config.budget_seconds = arguments.real("budget-seconds", 0, 1e9).value_or(config.budget_seconds);
  config.workers = arguments.integer_or("workers", config.workers, 1, 1024);
  config.seed = static_cast<std::uint64_t>(arguments.integer_or(
      "seed", static_cast<std::int64_t>(config.seed), 0, std::numeric_limits<std::int64_t>::max()));
  config.latency_batch = arguments.integer_or("latency-batch", config.latency_batch, 1, 4096);
  config.latency_threads = arguments.integer_or("latency-threads", config.latency_threads, 1, 1024);
}

StudyConfig read_config(const Arguments& arguments) {
  StudyConfig config;
  const bool smoke = arguments.text_or("preset", "") == "smoke";
  if (const auto file = arguments.text("STUDY.toml")) {
    config = read_study_config(*file);
  } else if (smoke) {
    config = smoke_config();
  } else if (!arguments.has("space")) {
    throw Error(ErrorKind::kUsage,
                "missing --space NAME or a study file (see nasctl help search run)");
  }
  if (const auto name = arguments.text("name")) config.name = *name;
  if (const auto data = arguments.text("data")) config.data = *data;
  config.data = with_size(arguments, config.data);
  read_plugins(arguments, config);
  read_recipes(arguments, config);
  read_goals(arguments, config);
  read_scores(arguments, config.scores);
  read_budget(arguments, config);
  return config;
}

/// Prints what a run came to and returns the exit code.
int show_outcome(const StudyReport& report, Context& context) {
  context.note(report.brief());
  if (report.state == StudyState::kPaused) {
    context.note("paused; the same command, or nasctl search resume " + report.name +
                 ", continues it");
    return 130;
  }
  const StudyData study = load_study(context.session().reader(), report.name);
  if (report.state == StudyState::kInfeasible) {
    context.print(trials_table(study));
    context.note("no architecture meets the constraints" +
                 (report.closest
                      ? "; the closest is trial " + std::to_string(report.closest->number) + ": " +
                            report.closest->architecture
                      : std::string()));
    return 1;
  }
  if (report.complete == 0) {
    context.print(trials_table(study));
    context.note("no trial could be completed; the column 'error' says why");
    return 1;
  }
  context.print(leaderboard_table(study, "", 10));
  return 0;
}

int finish(const StudyReport& report, bool with_winner, Context& context) {
  const int code = show_outcome(report, context);
  if (code != 0 || !with_winner || !report.best) return code;
  context.note("training the winner, trial " + std::to_string(report.best->number) +
               ", by the final recipe");
  const WinnerOutcome winner = train_winner(context.session(), report.name);
  if (winner.training.report.stopped) {
    context.note("stopped; nasctl search resume " + report.name + " continues the training");
    return 130;
  }
  std::string line = "winner: " + winner.architecture;
  if (winner.training.report.test_accuracy) {
    line += ", test accuracy " + format_short(*winner.training.report.test_accuracy) + " %";
  }
  context.note(line + ", model " + winner.training.path.string());
  return 0;
}

bool wants_winner(const StudyConfig& config) {
  return config.train_winner && !config.data.empty();
}

int check_signature(const Arguments& arguments, const std::string& actual, Context& context) {
  if (const auto file = arguments.text("write-signature")) {
    write_file_atomically(*file, actual);
    context.note("wrote " + *file);
  }
  const auto file = arguments.text("signature");
  if (!file) return 0;
  const std::vector<std::string> lines = compare_signatures(read_file(*file), actual);
  for (const std::string& line : lines) context.print(printable(line) + "\n");
  context.note(lines.empty() ? "signature agrees with " + *file
                             : "signature differs from " + *file + " in " +
                                   std::to_string(lines.size()) + " lines");
  return lines.empty() ? 0 : 1;
}

int run_run(const Arguments& arguments, Context& context) {
  const StudyConfig config = resolve(read_config(arguments));
  if (arguments.has("dry-run")) {
    context.print(to_toml(config));
    return 0;
  }
  if (arguments.has("signature") || arguments.has("write-signature")) {
    // A signature speaks of a fresh search: it gets a database of its own.
    const TemporaryDirectory directory;
    Session fresh({directory.path() / "smoke.db", &context.progress(), stop_token()});
    const StudyReport report = run_study(fresh, config);
    context.note(report.brief());
    if (report.state == StudyState::kPaused) return 130;
    return check_signature(arguments, smoke_signature(fresh, report.name), context);
  }
  return finish(run_study(context.session(), config), wants_winner(config), context);
}

int run_resume(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const StudyReport report = resume_study(context.session(), name);
  const StudyConfig config = load_study(context.session().reader(), name).config;
  return finish(report, wants_winner(config), context);
}

std::vector<OptionSpec> run_options() {
  return {
      {.name = "name",
       .value = "NAME",
       .help = "name of the study (default: made of space, searcher, seed)"},
      {.name = "space", .value = "NAME", .help = "search space", .completes = "space"},
      {.name = "space-option",
       .value = "KEY=VALUE",
       .help = "an option of the space",
       .repeated = true},
      {.name = "searcher",
       .value = "NAME",
       .help = "random, evolution, local",
       .completes = "searcher"},
      {.name = "searcher-option",
       .value = "KEY=VALUE",
       .help = "an option of the searcher",
       .repeated = true},
      {.name = "data",
       .value = "KIND:DIR",
       .help = "data set that trials are trained on (nasctl data list)"},
      size_option(),
      {.name = "preset",
       .value = "NAME",
       .help = "recipe of a trial; smoke alone is a complete search for CI",
       .choices = "smoke|short|full"},
      {.name = "recipe",
       .value = "KEY=VALUE",
       .help = "change one value of the recipe",
       .repeated = true},
      {.name = "final-preset",
       .value = "NAME",
       .help = "recipe that the winner is trained by",
       .choices = "smoke|short|full"},
      {.name = "final-recipe",
       .value = "KEY=VALUE",
       .help = "change one value of it",
       .repeated = true},
      {.name = "no-winner", .value = "", .help = "do not train the winner"},
      {.name = "maximize",
       .value = "METRIC",
       .help = "objective; the first picks the winner",
       .repeated = true},
      {.name = "minimize",
       .value = "METRIC",
       .help = "objective: macs, params, latency_ms@host, ...",
       .repeated = true},
      {.name = "constraint",
       .value = "TEXT",
       .help = "'latency_ms<4@host', 'macs<=50M', 'params<1M'",
       .repeated = true},
      {.name = "score-data",
       .value = "noise|KIND:DIR",
       .help = "images that untrained networks are scored with (default: those of --data where a "
               "proxy is a metric, else noise)"},
      {.name = "score-batch", .value = "N", .help = "how many (default 64)"},
      {.name = "proxy",
       .value = "NAME:KEY=VALUE",
       .help = "options of a proxy that is a metric or that the searcher ranks by: "
               "diswot:teacher=resnet20",
       .repeated = true},
      {.name = "budget", .value = "N", .help = "trials"},
      {.name = "budget-seconds", .value = "S", .help = "no trial starts later than this"},
      {.name = "workers", .value = "N", .help = "trials at once, one thread each (default 1)"},
      {.name = "seed", .value = "N", .help = "the same seed gives the same rows (default 0)"},
      {.name = "latency-batch",
       .value = "N",
       .help = "images a pass of latency_ms@host (default 1)"},
      {.name = "latency-threads", .value = "N", .help = "threads of latency_ms@host (default 1)"},
      {.name = "dry-run", .value = "", .help = "print the resolved study file and stop"},
      {.name = "signature",
       .value = "FILE",
       .help = "run in a fresh database and compare with this file; exit 1 when it differs",
       .completes = "file"},
      {.name = "write-signature",
       .value = "FILE",
       .help = "write that file",
       .completes = "new-file"}};
}

}  // namespace

const Command search_run{.noun = "search",
                         .verb = "run",
                         .summary = "search a space, then train the winner",
                         .description =
                             "Every trial is stored when it ends; the same command again continues "
                             "an interrupted study and\n"
                             "gives the rows of an uninterrupted one. Exit code 1: no architecture "
                             "meets the constraints.",
                         .examples =
                             "nasctl search run --space nasbench201 --searcher evolution --data "
                             "glyphs --preset short \\\n"
                             "    --maximize accuracy --minimize macs --budget 24 --name first\n"
                             "nasctl search run --space darts --data mnist:DIR --constraint "
                             "'params<500k' --budget 40 --workers 2\n"
                             "nasctl search run --space cifar_resnet --searcher evolution "
                             "--maximize diswot \\\n"
                             "    --proxy diswot:teacher=resnet20 --constraint 'macs<60M' "
                             "--budget 30\n"
                             "nasctl search run --space nasbench201 --data glyphs --preset smoke "
                             "--budget 6 \\\n"
                             "    --searcher robot:pool=200,proxies=synflow+nwot+grad_norm\n"
                             "nasctl search run study.toml --seed 1\n"
                             "nasctl search run --preset smoke --signature smoke.txt",
                         .positionals = {{.name = "STUDY.toml",
                                          .help = "study file; options override it",
                                          .required = false,
                                          .completes = "file"}},
                         .options = run_options(),
                         .run = run_run};

const Command search_resume{
    .noun = "search",
    .verb = "resume",
    .summary = "continue an interrupted study",
    .examples = "nasctl search resume first",
    .positionals = {{.name = "NAME", .help = "study", .completes = "study"}},
    .options = {},
    .run = run_resume};

}  // namespace nas::cli
