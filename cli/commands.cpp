#include "cli/commands.h"

namespace nas::cli {
namespace {

const OptionSpec kGlobalOptions[] = {
    {.name = "store",
     .value = "ADDRESS",
     .help = "results database: a file, postgresql://USER@HOST/DATABASE, or dir:DIRECTORY that "
             "machines share (default: $SEARCHLIGHT_STORE, else searchlight.db)",
     .completes = "file"},
    {.name = "files",
     .value = "DIR",
     .help = "where its models and supernets lie (default: $SEARCHLIGHT_FILES, else beside the "
             "file, and for a server here)",
     .completes = "dir"},
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

#define NAS_ADDRESS_OF_COMMAND(name) &name,
const Command* const kCommands[] = {NAS_COMMANDS(NAS_ADDRESS_OF_COMMAND)};
#undef NAS_ADDRESS_OF_COMMAND

}  // namespace

const Command* usual_command(std::string_view noun) {
  return noun == worker_run.noun ? &worker_run : nullptr;
}

std::span<const Command* const> all_commands() {
  return kCommands;
}

std::span<const OptionSpec> global_options() {
  return kGlobalOptions;
}

}  // namespace nas::cli
