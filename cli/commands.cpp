#include "cli/commands.h"

namespace nas::cli {
namespace {

const OptionSpec kGlobalOptions[] = {
    {.name = "store",
     .value = "FILE",
     .help = "results database (default: $SEARCHLIGHT_STORE, else searchlight.db)",
     .completes = "file"},
    {.name = "format",
     .value = "FORMAT",
     .help = "how data is printed",
     .choices = "table|csv|json|jsonl",
     .standard = "table"},
    {.name = "json", .value = "", .help = "short for --format json", .excludes = "format"},
    {.name = "wide", .value = "", .help = "do not fit tables to the terminal"},
    {.name = "quiet", .value = "", .help = "no progress and no notes on stderr"},
    {.name = "progress",
     .value = "MODE",
     .help = "how progress is shown on stderr",
     .choices = "auto|bar|plain|none",
     .standard = "auto",
     .excludes = "quiet"},
    {.name = "help", .value = "", .help = "this text"},
};

const Command* const kCommands[] = {
    &search_run,       &search_resume,    &search_status,  &search_list,
    &search_best,      &search_report,    &search_compare, &search_rename,
    &search_remove,    &searcher_list,    &searcher_show,  &recipe_list,
    &recipe_show,      &space_list,       &space_show,     &space_sample,
    &space_count,      &arch_show,        &arch_train,     &arch_evaluate,
    &arch_embed,       &arch_verify,      &arch_score,     &arch_latency,
    &arch_diff,        &arch_export,      &bench_import,   &bench_list,
    &bench_query,      &bench_export,     &bench_verify,   &bench_correlate,
    &bench_score,      &bench_simulate,   &bench_build,    &bench_remove,
    &proxy_list,       &predictor_fit,    &predictor_eval, &predictor_apply,
    &predictor_list,   &predictor_import, &data_list,      &data_show,
    &data_add,         &device_list,      &device_measure, &db_stats,
    &db_query,         &db_check,         &distill_list,   &db_upgrade,
    &bench_layers,     &doctor,           &completion,     &gui,
    &supernet_train,   &supernet_list,    &supernet_show,  &supernet_evaluate,
    &supernet_extract,
};

}  // namespace

std::span<const Command* const> all_commands() {
  return kCommands;
}

std::span<const OptionSpec> global_options() {
  return kGlobalOptions;
}

}  // namespace nas::cli
