#include "app/study/study_edit.h"
#include "cli/commands.h"
#include "cli/confirmation.h"
#include "cli/context.h"
#include "core/util/counted.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

void print_removal(const std::string& name, const StudyRemoval& removal, bool removed,
                   Context& context) {
  Table table = single_table("removal");
  add_fact(table, "study", name);
  add_fact(table, "removed", removed);
  add_fact(table, "trials", removal.trials);
  add_fact(table, "values", removal.values);
  add_fact(table, "architectures", removal.architectures);
  add_fact(table, "models_kept", static_cast<std::int64_t>(removal.models.size()), "models kept");
  context.print(table);
  for (const std::string& path : removal.models) {
    context.note("model kept, no longer linked to a trial: " + printable(path));
  }
}

int run_remove(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const StudyRemoval plan = remove_study(context.session(), name, true);
  if (arguments.has("dry-run")) {
    print_removal(name, plan, false, context);
    return 0;
  }
  if (!confirmed(arguments, "remove study '" + name + "' with " + counted(plan.trials, "trial"))) {
    context.note("nothing was removed");
    return 1;
  }
  print_removal(name, remove_study(context.session(), name, false), true, context);
  return 0;
}

int run_rename(const Arguments& arguments, Context& context) {
  const std::string from = *arguments.text("NAME");
  const std::string to = *arguments.text("NEW");
  rename_study(context.session(), from, to);
  context.note("study '" + printable(from) + "' is now '" + printable(to) +
               "'; its model files keep their names");
  return 0;
}

const PositionalSpec kName{.name = "NAME", .help = "study", .completes = "study"};

}  // namespace

const Command search_remove{
    .noun = "search",
    .verb = "remove",
    .summary = "delete a study from the database",
    .description =
        "Its trials go with their values, curves and events. Architectures that another study, a "
        "model or a\nvalue outside any trial refers to stay, and so do model files. A study that a "
        "process is running is\nrefused. Asks at a terminal; elsewhere --yes is needed. Exit code "
        "1: the answer was no.",
    .examples = "nasctl search remove first --dry-run\nnasctl search remove first --yes",
    .positionals = {kName},
    .options = {{.name = "dry-run", .value = "", .help = "say what would go, change nothing"},
                kYes},
    .run = run_remove};

const Command search_rename{.noun = "search",
                            .verb = "rename",
                            .summary = "give a study another name",
                            .description =
                                "Seed, rows and model files stay as they are; a study that a "
                                "process is running is refused.",
                            .examples = "nasctl search rename first baseline",
                            .positionals = {kName, {.name = "NEW", .help = "the new name"}},
                            .options = {},
                            .run = run_rename};

}  // namespace nas::cli
