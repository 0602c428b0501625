#include "app/study/study_config.h"
#include "cli/commands.h"
#include "cli/plugin_tables.h"
#include "core/api/prepared_searcher.h"
#include "searchers/registry.h"

namespace nas::cli {
namespace {

int run_list(const Arguments&, Context& context) {
  Table table = plugins_table("searchers", searcher_plugins());
  table.caption = "nasctl searcher show NAME tells what its options mean";
  context.print(table);
  return 0;
}

/// What a trial of the searcher is and how many there are.
std::string trials_text(const Plugin<Searcher>& plugin) {
  const std::string budget =
      "--budget N (" + std::to_string(StudyConfig{}.budget_trials) + " without it) says how many";
  const std::unique_ptr<Searcher> searcher = plugin.make({});
  if (dynamic_cast<const PreparedSearcher*>(searcher.get()) == nullptr) {
    return "a trial: one architecture, trained and judged by the study's recipe, or judged by an "
           "--origin\n" +
           budget + "\n";
  }
  return "before the first trial: a supernet is trained on --data, by the options above; search "
         "status NAME --curve shows it\n"
         "a trial: one architecture that comes of it, trained from the start by the study's recipe "
         "(--preset, --recipe)\n" +
         budget +
         "; the first is the one that the search ends with, and --budget 1 trains no other\n";
}

int run_show(const Arguments& arguments, Context& context) {
  const Plugin<Searcher>& plugin =
      find_plugin(searcher_plugins(), "searcher", *arguments.text("NAME"));
  print_plugin(plugin, "--searcher NAME:KEY=VALUE or --searcher-option KEY=VALUE", context);
  if (context.human()) context.print("\n" + trials_text(plugin));
  return 0;
}

}  // namespace

const Command searcher_list{.noun = "searcher",
                            .verb = "list",
                            .summary = "the search algorithms",
                            .examples = "nasctl searcher list\nnasctl searcher list --json",
                            .run = run_list};

const Command searcher_show{
    .noun = "searcher",
    .verb = "show",
    .summary = "options of a search algorithm: defaults, ranges, sources",
    .examples = "nasctl searcher show evolution",
    .positionals = {{.name = "NAME", .help = "searcher", .completes = "searcher"}},
    .run = run_show};

}  // namespace nas::cli
