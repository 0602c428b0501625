#include "cli/commands.h"

namespace nas::cli {
namespace {

const Command* const kCommands[] = {
    &search_run,  &search_resume, &search_status, &search_list,  &search_best,   &search_report,
    &space_list,  &space_show,    &space_sample,  &space_count,  &arch_show,     &arch_train,
    &arch_evaluate, &arch_latency, &arch_diff,    &arch_export,  &data_list,     &data_show,
    &data_add,    &device_list,   &device_measure, &db_stats,    &db_query,      &db_check,
    &doctor,      &completion,
};

}  // namespace

std::span<const Command* const> all_commands() { return kCommands; }

}  // namespace nas::cli
