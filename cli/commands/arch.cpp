#include "app/lookup/architecture_lookup.h"
#include "app/lookup/equal_rows.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "core/ir/same/simplify.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

const PositionalSpec kArchitecture{.name = "ARCHITECTURE", .help = kArchitectureHelp};

NamedArchitecture architecture_argument(const Arguments& arguments, Context& context) {
  return named_architecture(arguments, context, *arguments.text("ARCHITECTURE"));
}

/// Sizes of the space's published network where another one is shown.
void add_published(Table& table, const NamedArchitecture& named) {
  const SearchSpace& space = *named.space;
  const GraphCost cost = graph_cost(space.build(named.architecture, space.info().default_task));
  add_fact(table, "published_params", cost.params);
  add_fact(table, "published_macs", published_macs(space.info(), cost));
}

Table facts_table(const NamedArchitecture& named, const ShownNetwork& network,
                  const ArchGraph& graph) {
  const GraphCost cost = graph_cost(graph);
  const ArchGraph reduced = simplified(graph);
  Table table = single_table("architecture");
  const auto add = [&](const char* name, Cell value) { add_fact(table, name, std::move(value)); };
  add("space", named.space->info().name);
  add("architecture", named.text);
  if (const auto* indexed = dynamic_cast<const IndexedSpace*>(named.space)) {
    add("index", static_cast<std::int64_t>(indexed->index_of(named.architecture)));
  }
  add("network", network.text);
  add("input", to_string(graph.empty() ? network.task.input
                                       : graph.type({graph.graph_inputs().front(), 0}).shape));
  add("classes", network.task.classes);
  if (network.task.embedding > 0) add("embedding", network.task.embedding);
  add("params", cost.params);
  add("macs", published_macs(named.space->info(), cost));
  add("peak_activation_bytes", activation_memory(graph).peak_bytes);
  add("nodes", static_cast<std::int64_t>(graph.size()));
  add("nodes_simplified", static_cast<std::int64_t>(reduced.size()));
  add("digest", to_hex(digest(graph)));
  if (!network.published) add_published(table, named);
  table.heading = network.heading;
  return table;
}

/// The published hash, and in which rows of the store's benchmarks the architecture is.
void add_places(Table& table, const NamedArchitecture& named, Session& session) {
  if (const auto hash = published_hash(*named.space, named.architecture)) {
    add_fact(table, "hash", *hash);
  }
  for (const auto& [benchmark, rows] : places_of(session, *named.space, named.architecture)) {
    add_fact(table, "row_in_" + benchmark, rows);
  }
}

Table choices_table(const NamedArchitecture& named) {
  Table table{.kind = "choices", .columns = {{"decision"}, {"choice"}}};
  const auto decisions = named.space->decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    table.rows.push_back({decisions[i].name, decisions[i].choices[named.architecture.choices[i]]});
  }
  return table;
}

int run_show(const Arguments& arguments, Context& context) {
  const NamedArchitecture named = architecture_argument(arguments, context);
  const ShownNetwork network = network_argument(arguments, named);
  Table facts = facts_table(named, network, named.space->build(named.architecture, network.task));
  add_places(facts, named, context.session());
  context.print(facts);
  if (context.human()) {
    context.print("\n");
    context.print(choices_table(named));
  }
  return 0;
}

}  // namespace

const Command arch_show{.noun = "arch",
                        .verb = "show",
                        .summary = "size, cost and choices of an architecture",
                        .examples =
                            "nasctl arch show --space nasbench201 index:0\n"
                            "nasctl arch show --space darts DARTS_V2 --skeleton imagenet --json\n"
                            "nasctl arch show trial:first/12",
                        .positionals = {kArchitecture},
                        .options = joined(space_options(), network_options()),
                        .run = run_show};

}  // namespace nas::cli
