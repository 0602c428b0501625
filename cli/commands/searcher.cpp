#include "cli/commands.h"
#include "cli/plugin_tables.h"
#include "searchers/registry.h"

namespace nas::cli {
namespace {

int run_list(const Arguments&, Context& context) {
  Table table = plugins_table("searchers", searcher_plugins());
  table.caption = "nasctl searcher show NAME tells what its options mean";
  context.print(table);
  return 0;
}

int run_show(const Arguments& arguments, Context& context) {
  print_plugin(find_plugin(searcher_plugins(), "searcher", *arguments.text("NAME")),
               "--searcher NAME:KEY=VALUE or --searcher-option KEY=VALUE", context);
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
