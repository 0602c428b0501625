#include <algorithm>
#include <limits>

#include "app/devices/machine_load.h"
#include "app/reports/report.h"
#include "app/reports/smoke.h"
#include "app/session/data_spec.h"
#include "app/study/device_origin.h"
#include "app/study/named_preset.h"
#include "app/study/study.h"
#include "app/study/winner.h"
#include "app/study/winner_latency.h"
#include "cli/commands.h"
#include "cli/commands/search_notes.h"
#include "cli/commands/search_options.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "core/api/recipe_presets.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

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

/// A preset replaces what a study file says of the recipe; without a file there is nothing to
/// replace but the smoke search's own.
void read_preset(const Arguments& arguments, std::string_view option, bool from_file,
                 RecipeChoice& recipe) {
  const auto preset = arguments.text(option);
  if (!preset) return;
  recipe.preset = *preset;
  if (from_file) recipe.options.clear();
}

/// --recipe reaches the winner too, but for what a winner has by its nature: all training images,
/// and the length of a preset of its own.
void read_recipes(const Arguments& arguments, bool from_file, StudyConfig& config) {
  read_preset(arguments, "preset", from_file, config.recipe);
  read_preset(arguments, "final-preset", from_file, config.final_recipe);
  if (const auto preset = arguments.text("final-preset")) {
    config.final_recipe.options.erase("epochs");
    name_preset(config.final_recipe, *preset);
  }
  for (const std::string& option : arguments.all("recipe")) {
    OptionMap given;
    add_option(given, option);
    for (const auto& [name, value] : given) {
      config.recipe.options[name] = value;
      if (name == "validation_fraction") continue;
      const bool own_length = name == "epochs" && arguments.has("final-preset");
      if (!own_length) config.final_recipe.options[name] = value;
    }
  }
  for (const std::string& option : arguments.all("final-recipe")) {
    add_option(config.final_recipe.options, option);
  }
  if (arguments.has("winner")) config.train_winner = true;
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
  if (arguments.has("origin")) config.origins = arguments.all("origin");
}

void read_scores(const Arguments& arguments, StudyScoring& scores) {
  if (const auto data = arguments.text("score-data")) scores.data = *data;
  scores.batch = arguments.integer_or("score-batch", scores.batch, 1, 65536);
  if (arguments.has("proxy")) scores.proxies = arguments.all("proxy");
}

void read_budget(const Arguments& arguments, StudyConfig& config) {
  constexpr std::int64_t kMost = 1'000'000'000;
  config.budget_trials = arguments.integer_or("budget", config.budget_trials, 1, kMost);
  config.budget_seconds = arguments.real("budget-seconds", 0, 1e9).value_or(config.budget_seconds);
  config.trial_seconds = arguments.real("trial-seconds", 0, 1e9).value_or(config.trial_seconds);
  config.workers = arguments.integer_or("workers", config.workers, 1, 1024);
  config.seed = static_cast<std::uint64_t>(arguments.integer_or(
      "seed", static_cast<std::int64_t>(config.seed), 0, std::numeric_limits<std::int64_t>::max()));
  config.latency_batch = arguments.integer_or("latency-batch", config.latency_batch, 1, 4096);
  config.latency_threads = arguments.integer_or("latency-threads", config.latency_threads, 1, 1024);
}

std::optional<std::string> study_file(const Arguments& arguments) {
  const auto positional = arguments.text("STUDY.toml");
  std::error_code error;
  if (positional && !std::filesystem::exists(*positional, error)) {
    const std::string space = positional->substr(0, positional->find(':'));
    for (const Plugin<SearchSpace>* plugin : space_plugins()) {
      if (plugin->name != space) continue;
      throw Error(ErrorKind::kUsage, "there is no study file '" + printable(*positional) +
                                         "'; did you mean --space " + printable(*positional) + "?");
    }
  }
  return positional ? positional : arguments.text("file");
}

/// A file under another seed is another study, and its name says so.
void name_of_other_seed(const StudyConfig& file, StudyConfig& config) {
  if (file.name.empty() || config.seed == file.seed) return;
  const bool usual =
      file.name == file.space.name + "-" + file.searcher.name + "-" + std::to_string(file.seed);
  config.name = usual ? "" : file.name + "-seed" + std::to_string(config.seed);
}

StudyConfig read_config(const Arguments& arguments) {
  const auto file = study_file(arguments);
  StudyConfig config;
  if (file) {
    config = read_study_config(*file);
  } else if (!arguments.has("space")) {
    // With a space, "smoke" is the recipe of this name and nothing else.
    if (arguments.text_or("preset", "") != "smoke") {
      throw Error(ErrorKind::kUsage,
                  "missing --space NAME or a study file (see nasctl help search run)");
    }
    config = smoke_config();
  }
  const StudyConfig stated = config;
  if (const auto data = arguments.text("data")) {
    // Scores of the study's own data are those of the new one.
    if (config.scores.data == config.data) config.scores.data.clear();
    config.data = *data;
  }
  config.data = with_size(arguments, config.data);
  read_plugins(arguments, config);
  read_recipes(arguments, file.has_value(), config);
  read_goals(arguments, config);
  read_scores(arguments, config.scores);
  read_budget(arguments, config);
  if (file) name_of_other_seed(stated, config);
  if (const auto name = arguments.text("name")) config.name = *name;
  return config;
}

/// Of a paused study: nobody interrupted one whose trials all fail.
int stopped_code(const StudyReport& report) {
  return report.stop_reason == StopReason::kFailures ? 1 : 130;
}

/// Prints what a run came to and returns the exit code.
int show_outcome(const StudyReport& report, Context& context) {
  context.note(report.brief());
  if (report.state == StudyState::kPaused) {
    context.note("paused; the same command, or nasctl search resume " + report.name +
                 ", continues it");
    return stopped_code(report);
  }
  const StudyData study = load_study(context.session().reader(), report.name);
  if (report.state == StudyState::kInfeasible || report.complete == 0) {
    context.print(report.infeasible > 0 ? nearest_table(study, 10) : trials_table(study));
    context.note(without_complete_trial(study));
    return 1;
  }
  context.print(leaderboard_table(study, "", 10));
  return 0;
}

/// Latencies of the winner that were looked up or predicted are checked where that is possible.
void check_latency(const StudyReport& report, Context& context) {
  bool measured = false;
  for (const WinnerLatency& latency : measure_winner(context.session(), report.name)) {
    context.note(winner_text(latency));
    measured = measured || !latency.known;
  }
  const std::string load = measured ? load_text(busy_processors()) : "";
  if (!load.empty()) context.note(load + "; the measured latency of the winner is too long");
}

int finish(const StudyReport& report, bool with_winner, Context& context) {
  const int code = show_outcome(report, context);
  if (code == 0 && report.best) check_latency(report, context);
  if (code != 0 || !with_winner || !report.best) return code;
  context.note("winner: trial " + std::to_string(report.best->number) +
               ", trained once by the final recipe");
  const WinnerOutcome winner = train_winner(context.session(), report.name);
  if (winner.training.report.stopped) {
    context.note("stopped; nasctl search resume " + report.name + " continues the training");
    return 130;
  }
  std::string line = (winner.known ? "winner, trained before: " : "winner: ") + winner.architecture;
  const TrainReport& trained = winner.training.report;
  const MetricInfo& metric = winner.training.problem->metrics.front();
  if (!trained.test.empty()) {
    line += ", test " + std::string(metric.title) + " " + format_short(trained.test.front().value);
    if (!metric.unit.empty()) line += " " + std::string(metric.unit);
  } else if (winner.training.problem->fits_itself() && !trained.validation.empty()) {
    line += ", " + std::string(metric.title) + " " + format_short(trained.validation[0].value, 10);
  }
  context.note(line + ", model " + winner.training.path.string());
  return 0;
}

bool wants_winner(const StudyConfig& config) {
  return config.train_winner && !config.data.empty();
}

/// The file of --signature, "" without one: read and checked before a search of minutes begins.
std::string expected_signature(const Arguments& arguments) {
  const auto file = arguments.text("signature");
  if (!file) return "";
  std::string text = read_file(*file);
  try {
    check_signature(text);
  } catch (const Error& error) {
    throw error.with_context(printable(*file));
  }
  return text;
}

int compare_signature(const Arguments& arguments, const std::string& expected,
                      const std::string& actual, Context& context) {
  if (const auto file = arguments.text("write-signature")) {
    write_file_atomically(*file, actual);
    context.note("wrote " + *file);
  }
  const auto file = arguments.text("signature");
  if (!file) return 0;
  const std::vector<std::string> lines = compare_signatures(expected, actual);
  for (const std::string& line : lines) context.print(printable(line) + "\n");
  context.note(lines.empty() ? "signature agrees with " + *file
                             : "signature differs from " + *file + " in " +
                                   std::to_string(lines.size()) + " lines");
  return lines.empty() ? 0 : 1;
}

/// A signature speaks of a fresh search, which gets a database of its own.
int run_for_signature(const Arguments& arguments, const StudyConfig& config, Context& context) {
  if (arguments.has("store")) {
    throw Error(ErrorKind::kUsage,
                "--store has no effect: a search for a signature has a database of its own");
  }
  context.require_own_form("one line for each difference");
  const std::string expected = expected_signature(arguments);
  if (const auto file = arguments.text("write-signature")) check_can_write(*file);
  const TemporaryDirectory directory;
  Session fresh({directory.path() / "smoke.db", &context.progress(), stop_token()});
  const StudyReport report = run_study(fresh, config);
  context.note(report.brief());
  if (report.state == StudyState::kPaused) return stopped_code(report);
  return compare_signature(arguments, expected, smoke_signature(fresh, report.name), context);
}

/// Options that would change nothing of this study.
void refuse_without_effect(const Arguments& arguments, const StudyConfig& config,
                           Context& context) {
  const auto refuse = [&](std::initializer_list<const char*> names, const std::string& why) {
    for (const char* name : names) {
      if (!arguments.has(name)) continue;
      throw Error(ErrorKind::kUsage, "--" + std::string(name) + " has no effect: " + why);
    }
  };
  if (config.data.empty()) {
    refuse({"preset", "recipe", "final-preset", "final-recipe", "winner"},
           "nothing is trained, since the study names no data (--data KIND:DIR)");
  }
  if (const DataKind* data = find_data_kind(data_spec(context.session(), config.data))) {
    for (const char* name : {"recipe", "final-recipe"}) {
      OptionMap stated;
      for (const std::string& option : arguments.all(name)) add_option(stated, option);
      refuse_without_effect(stated, "--" + std::string(name), *data);
    }
  }
  if (!needs_latency(config)) {
    refuse({"latency-batch", "latency-threads"},
           "latency_ms@host is neither an objective nor a constraint");
  }
  const bool scored =
      arguments.has("score-data") || arguments.has("score-batch") || arguments.has("proxy");
  if (scored && !needs_proxies(config) && !ranks_by_scores(context.session(), config)) {
    refuse({"score-data", "score-batch", "proxy"},
           "no proxy is an objective or a constraint, and searcher '" + config.searcher.name +
               "' ranks by none (nasctl proxy list)");
  }
}

int run_run(const Arguments& arguments, Context& context) {
  const StudyConfig given = with_device_origins(context.session(), read_config(arguments));
  const StudyConfig config = resolve(given, data_spec(context.session(), given.data));
  refuse_without_effect(arguments, config, context);
  if (arguments.has("dry-run")) {
    context.require_own_form("a study file");
    context.print(to_toml(config));
    return 0;
  }
  if (arguments.has("signature") || arguments.has("write-signature")) {
    return run_for_signature(arguments, config, context);
  }
  say_load(config, context);
  const StudyReport report = run_study(context.session(), config, queue_choice(arguments));
  say_recorded(config, context);
  return finish(report, wants_winner(config), context);
}

int run_resume(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  BudgetChange budget;
  budget.trials = arguments.integer("budget", 1, 1'000'000'000);
  budget.seconds = arguments.real("budget-seconds", 0, 1e9);
  const StudyReport report = resume_study(context.session(), name, budget, queue_choice(arguments));
  const StudyConfig config = load_study(context.session().reader(), name).config;
  return finish(report, wants_winner(config), context);
}

}  // namespace

const Command search_run{
    .noun = "search",
    .verb = "run",
    .summary = "search a space, then train the winner",
    .description =
        "Every trial is stored when it ends; the same command again continues an interrupted study "
        "and\ngives the rows of an uninterrupted one, also with a larger budget after its end. A "
        "study file\n(nasctl search status NAME --config) runs under another seed or name; options "
        "override it.\nExit code 1: no architecture meets the constraints (the nearest are shown).",
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
        "nasctl search run --file study.toml --seed 7 --name other\n"
        "nasctl search run --preset smoke --signature smoke.txt",
    .positionals = {{.name = "STUDY.toml",
                     .help = "study file; options override it",
                     .required = false,
                     .completes = "file"}},
    .options = search_run_options(),
    .run = run_run};

const Command search_resume{
    .noun = "search",
    .verb = "resume",
    .summary = "continue a study",
    .description =
        "An interrupted study continues to the rows of an uninterrupted one, a finished one with a "
        "larger\nbudget to those of a study that had it from the start (where the searcher plans "
        "with the budget,\nthe rows differ, and a note says so). A budget only grows. The winner "
        "is trained once.",
    .examples = "nasctl search resume first\nnasctl search resume first --budget 48",
    .positionals = {{.name = "NAME", .help = "study", .completes = "study"}},
    .options = {{.name = "budget", .value = "N", .help = "trials in all"},
                {.name = "budget-seconds", .value = "S", .help = "seconds in all; 0 = no limit"},
                queue_option(),
                local_workers_option(),
                lease_option()},
    .run = run_resume};

}  // namespace nas::cli
