#include "app/lookup/architecture_lookup.h"
#include "app/lookup/equal_rows.h"
#include "app/lookup/place_words.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/network_argument.h"
#include "core/ir/same/simplify.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/draw_circuit.h"
#include "core/quantum/simplify_circuit.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr int kDrawingWidth = 100;

const PositionalSpec kArchitecture{
    .name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"};

/// Sizes of the space's published network where another one is shown.
void add_published(Table& table, const NamedArchitecture& named) {
  const SearchSpace& space = *named.space;
  const GraphCost cost = graph_cost(space.build(named.architecture, space.info().default_task));
  add_fact(table, "published_params", cost.params);
  add_fact(table, "published_macs", published_macs(space.info(), cost));
}

void add_graph_facts(Table& table, const ArchGraph& graph) {
  add_fact(table, "peak_activation_bytes", activation_memory(graph).peak_bytes);
  add_fact(table, "nodes", static_cast<std::int64_t>(graph.size()));
  add_fact(table, "nodes_simplified", static_cast<std::int64_t>(simplified(graph).size()));
  add_fact(table, "digest", to_hex(digest(graph)));
}

/// In the place of MACs and memory, which a circuit has none of.
void add_circuit_facts(Table& table, const ArchGraph& graph) {
  const CircuitCost cost = circuit_cost(graph);
  add_fact(table, "qubits", cost.qubits);
  add_fact(table, "gates", cost.gates);
  add_fact(table, "two_qubit_gates", cost.two_qubit_gates);
  add_fact(table, "rotations", cost.rotations);
  add_fact(table, "circuit_depth", cost.depth);
  add_fact(table, "params", graph_cost(graph).params);
  add_fact(table, "digest", to_hex(digest(graph)));
  // Circuits of equal simplified digests can be the same unitaries.
  const Circuit simple = simplified_structure(to_circuit(graph));
  add_fact(table, "gates_simplified", static_cast<std::int64_t>(simple.gates().size()));
  add_fact(table, "params_simplified", static_cast<std::int64_t>(simple.parameters()));
  add_fact(table, "digest_simplified", to_hex(digest(to_graph(simple))));
}

/// Programs get all of a text; people the beginning of a long one.
std::string said(const std::string& value, bool human) {
  constexpr std::size_t kShown = 200;
  if (!human || value.size() <= kShown) return value;
  return value.substr(0, kShown) + "... (" + format_count(static_cast<std::int64_t>(value.size())) +
         " characters; --json has all)";
}

/// Of a network that belongs to no space, with what its file says of it.
Table file_table(const GivenNetwork& given, bool human) {
  const GraphCost cost = graph_cost(given.graph);
  const FileNetwork& file = *given.file;
  Table table = single_table("network");
  add_fact(table, "file", given.text);
  add_fact(table, "form", file.form);
  add_fact(table, "network", given.shown.text);
  if (is_circuit(given.graph)) {
    add_circuit_facts(table, given.graph);
  } else {
    add_fact(table, "batch", file.batch > 0 ? Cell(file.batch) : Cell(std::string("open")));
    add_fact(table, "params", cost.params);
    add_fact(table, "macs", cost.macs);
    add_graph_facts(table, given.graph);
  }
  for (const auto& [key, value] : file.metadata) {
    add_fact(table, "says_" + key, said(value, human));
  }
  table.heading = given.shown.heading;
  return table;
}

Table facts_table(const NamedArchitecture& named, const ShownNetwork& network,
                  const ArchGraph& graph) {
  const GraphCost cost = graph_cost(graph);
  Table table = single_table("architecture");
  const auto add = [&](const char* name, Cell value) { add_fact(table, name, std::move(value)); };
  add("space", named.space->info().name);
  add("architecture", named.text);
  if (const auto* indexed = dynamic_cast<const IndexedSpace*>(named.space)) {
    add("index", static_cast<std::int64_t>(indexed->index_of(named.architecture)));
  }
  add("network", network.text);
  table.heading = network.heading;
  if (is_circuit(graph)) {
    add_circuit_facts(table, graph);
    return table;
  }
  add("input", to_string(graph.empty() ? network.task.input
                                       : graph.type({graph.graph_inputs().front(), 0}).shape));
  add("classes", network.task.classes);
  if (network.task.embedding > 0) add("embedding", network.task.embedding);
  add("params", cost.params);
  add("macs", published_macs(named.space->info(), cost));
  add_graph_facts(table, graph);
  if (!network.published) add_published(table, named);
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
  const std::vector<std::string> names = chosen_names(*named.space, named.architecture);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    table.rows.push_back({decisions[i].name, names[i]});
  }
  return table;
}

/// For people; a circuit of thousands of gates would be megabytes of lines.
void print_drawing(const Circuit& circuit, Context& context) {
  constexpr std::size_t kMostGates = 1000;
  if (circuit.gates().size() > kMostGates) {
    context.note("not drawn: more than " + format_count(kMostGates) +
                 " gates; nasctl arch export draws it (--output FILE.svg)");
    return;
  }
  context.print("\n" + draw_circuit_text(circuit, kDrawingWidth));
}

int run_show(const Arguments& arguments, Context& context) {
  const GivenNetwork given = given_network(arguments, context, *arguments.text("ARCHITECTURE"));
  if (given.file) {
    context.print(file_table(given, context.human()));
    if (context.human() && is_circuit(given.graph)) {
      print_drawing(to_circuit(given.graph), context);
    }
    return 0;
  }
  const NamedArchitecture& named = *given.named;
  Table facts = facts_table(named, given.shown, given.graph);
  add_places(facts, named, context.session());
  context.print(facts);
  if (context.human()) {
    if (is_circuit(given.graph)) {
      print_drawing(to_circuit(with_fitted_angles(context, given)), context);
    }
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
                            "nasctl arch show trial:first/12\n"
                            "nasctl arch show model.onnx",
                        .positionals = {kArchitecture},
                        .options = joined(space_options(), network_options()),
                        .run = run_show};

}  // namespace nas::cli
