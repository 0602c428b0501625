#include "cli/commands.h"
#include "cli/context.h"

namespace nas::cli {
namespace {

int run(const Arguments& arguments, Context& context) {
  context.require_own_form("a script");
  context.print(completion_script(*arguments.text("SHELL")));
  return 0;
}

}  // namespace

const Command completion{
    .noun = "completion",
    .verb = "",
    .summary = "completion script for bash, zsh or fish",
    .examples = "source <(nasctl completion bash)\nnasctl completion fish | source",
    .positionals = {{.name = "SHELL", .help = "bash, zsh or fish", .completes = "shell"}},
    .options = {},
    .run = run};

}  // namespace nas::cli
