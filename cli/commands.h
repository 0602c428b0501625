#pragma once

#include "cli/command.h"

namespace nas::cli {

// The commands in the order of help, each defined in a file of cli/commands/ that is named after
// its noun or, where a verb is long, after both. This list declares them and is `all_commands()`.
// clang-format off
#define NAS_COMMANDS(X) \
  X(search_run) X(search_resume) X(search_status) X(search_list) \
  X(search_best) X(search_report) X(search_compare) X(search_rename) \
  X(search_remove) \
  X(searcher_list) X(searcher_show) \
  X(recipe_list) X(recipe_show) \
  X(space_list) X(space_show) X(space_sample) X(space_count) \
  X(space_choose) \
  X(space_move) \
  X(arch_show) X(arch_train) X(arch_evaluate) X(arch_embed) \
  X(arch_verify) X(arch_score) X(arch_latency) X(arch_memory) X(arch_diff) \
  X(arch_export) X(arch_import) X(arch_predict) X(arch_refine) X(deploy) \
  X(model_list) X(model_remove) \
  X(bench_import) X(bench_list) X(bench_query) X(bench_export) \
  X(bench_verify) X(bench_correlate) X(bench_score) X(bench_simulate) \
  X(bench_build) X(bench_embed) X(bench_remove) \
  X(proxy_list) \
  X(predictor_fit) X(predictor_eval) X(predictor_apply) X(predictor_list) \
  X(predictor_import) \
  X(worker_run) X(worker_list) \
  X(cluster_run) X(cluster_status) X(cluster_stop) \
  X(data_list) X(data_show) X(data_add) \
  X(device_list) X(device_show) X(device_add) X(device_import) \
  X(device_suggest) X(device_measure) X(device_fit) X(device_verify) \
  X(db_stats) X(db_query) X(db_check) X(db_copy) X(db_merge) \
  X(circuit_grow) \
  X(distill_list) \
  X(supernet_train) X(supernet_list) X(supernet_show) X(supernet_evaluate) \
  X(supernet_extract) \
  X(db_upgrade) \
  X(bench_layers) \
  X(doctor) \
  X(completion) \
  X(gui)
// clang-format on

/// What a noun alone means, as `nasctl worker` does `worker run`; null where it needs a verb.
const Command* usual_command(std::string_view noun);

#define NAS_DECLARE_COMMAND(name) extern const Command name;
NAS_COMMANDS(NAS_DECLARE_COMMAND)
#undef NAS_DECLARE_COMMAND

}  // namespace nas::cli
