#include "cli/commands/search_options.h"

#include <string>

#include "app/study/metric_origin.h"
#include "app/study/study_config.h"
#include "app/study/study_jobs.h"
#include "cli/data_argument.h"
#include "core/api/recipe_presets.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// Where nothing is trained, a recipe says nothing. A study file may name data; the search for CI
/// brings its own.
constexpr std::string_view kTraining = "data|STUDY.toml|file|preset=smoke";

std::string_view origin_help() {
  static const std::string kHelp = [] {
    std::vector<std::string> kinds;
    for (const MetricOriginKind& kind : metric_origin_kinds()) {
      kinds.push_back(std::string(kind.name) + ":" + std::string(kind.argument) + " (" +
                      std::string(kind.meaning) + ")");
    }
    return "where a metric comes from instead of being measured: " + join(kinds, ", ");
  }();
  return kHelp;
}

}  // namespace

OptionSpec queue_option() {
  return {.name = "queue",
          .value = "",
          .help =
              "put the trials into the store's queue for nasctl worker, on this machine and "
              "others; the rows are the same"};
}

OptionSpec local_workers_option() {
  return {.name = "local-workers",
          .value = "N",
          .help = "threads of this process that take trials from the queue as well",
          .standard = "0",
          .needs = "queue"};
}

OptionSpec lease_option() {
  return {
      .name = "lease",
      .value = "S",
      .help = "seconds without a sign of this process after which another may take the search over",
      .standard = format_short(kLeaseSeconds),
      .needs = "queue"};
}

std::optional<QueueChoice> queue_choice(const Arguments& arguments) {
  if (!arguments.has("queue")) return std::nullopt;
  return QueueChoice{.local_workers = arguments.whole("local-workers", 0, 1024),
                     .lease_seconds = arguments.number("lease", 1, 1e6)};
}

std::vector<OptionSpec> search_run_options() {
  return {
      {.name = "file",
       .value = "STUDY.toml",
       .help = "the study file, as the argument",
       .completes = "file",
       .excludes = "STUDY.toml"},
      {.name = "name",
       .value = "NAME",
       .help = "name of the study (default: made of space, searcher, seed)"},
      {.name = "space", .value = "NAME", .help = "search space", .completes = "space"},
      {.name = "space-option",
       .value = "KEY=VALUE",
       .help = "an option of the space (nasctl space show NAME)",
       .repeated = true,
       .needs = "space|STUDY.toml|file|preset=smoke"},
      {.name = "searcher",
       .value = "NAME",
       .help = "how to search (nasctl searcher list)",
       .completes = "searcher",
       .standard = StudyConfig{}.searcher.name},
      {.name = "searcher-option",
       .value = "KEY=VALUE",
       .help = "an option of the searcher (nasctl searcher show NAME)",
       .repeated = true},
      {.name = "data",
       .value = "KIND:DIR",
       .help = "data set that trials are trained on (nasctl data list)"},
      size_option(),
      {.name = "preset",
       .value = "NAME",
       .help = "recipe of a trial; smoke without --space is a complete search for CI",
       .choices = recipe_preset_names(),
       .standard = StudyConfig{}.recipe.preset,
       .needs = kTraining},
      {.name = "recipe",
       .value = "KEY=VALUE",
       .help = "change one value of the recipe (nasctl recipe show), the winner's too unless "
               "--final-recipe says otherwise",
       .repeated = true,
       .needs = kTraining},
      {.name = "final-preset",
       .value = "NAME",
       .help = "recipe that the winner is trained by",
       .choices = recipe_preset_names(),
       .standard = StudyConfig{}.final_recipe.preset,
       .needs = kTraining},
      {.name = "final-recipe",
       .value = "KEY=VALUE",
       .help = "change one value of the winner's recipe alone",
       .repeated = true,
       .needs = kTraining},
      // Also where there is nothing to train: a script says it of every study.
      {.name = "no-winner", .value = "", .help = "do not train the winner"},
      {.name = "winner",
       .value = "",
       .help = "train it although the study file says no",
       .excludes = "no-winner"},
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
      {.name = "origin", .value = "METRIC=KIND:WHERE", .help = origin_help(), .repeated = true},
      {.name = "score-data",
       .value = "noise|KIND:DIR",
       .help = "images that untrained networks are scored with (default: those of --data where a "
               "proxy is a metric, else noise)"},
      {.name = "score-batch",
       .value = "N",
       .help = "how many images",
       .standard = std::to_string(StudyScoring{}.batch)},
      {.name = "proxy",
       .value = "NAME:KEY=VALUE",
       .help = "options of a proxy that is a metric or that the searcher ranks by: "
               "diswot:teacher=resnet20",
       .repeated = true},
      {.name = "budget",
       .value = "N",
       .help = "trials",
       .standard = std::to_string(StudyConfig{}.budget_trials)},
      {.name = "budget-seconds",
       .value = "S",
       .help = "no trial starts later than this; after an interruption the time of the earlier "
               "trials counts, not the pause"},
      {.name = "trial-seconds",
       .value = "S",
       .help = "a trial that takes longer fails, and the search continues"},
      {.name = "workers",
       .value = "N",
       .help = "trials at once, one thread each",
       .standard = std::to_string(StudyConfig{}.workers)},
      queue_option(),
      local_workers_option(),
      lease_option(),
      {.name = "seed",
       .value = "N",
       .help = "the same seed gives the same rows",
       .standard = std::to_string(StudyConfig{}.seed)},
      {.name = "latency-batch",
       .value = "N",
       .help = "images in a pass of latency_ms@host",
       .standard = std::to_string(StudyConfig{}.latency_batch)},
      {.name = "latency-threads",
       .value = "N",
       .help = "threads of latency_ms@host",
       .standard = std::to_string(StudyConfig{}.latency_threads)},
      {.name = "dry-run",
       .value = "",
       .help = "print the resolved study file and stop",
       .excludes = "signature|write-signature"},
      {.name = "signature",
       .value = "FILE",
       .help = "run in a fresh database and compare with this file; exit 1 when it differs",
       .completes = "file"},
      {.name = "write-signature",
       .value = "FILE",
       .help = "write that file",
       .completes = "new-file"}};
}

}  // namespace nas::cli
