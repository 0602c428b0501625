#include "app/lookup/architecture_lookup.h"
#include "app/lookup/equal_rows.h"
#include "app/study/evaluators.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "core/ir/same/simplify.h"
#include "core/runtime/latency.h"
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
  const std::vector<std::string> names = chosen_names(*named.space, named.architecture);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    table.rows.push_back({decisions[i].name, names[i]});
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

/// Passes that take this many times the sum of their layers were interrupted.
constexpr double kInterrupted = 1.5;

double sum_of(const LayerLatencies& latencies) {
  double sum = 0;
  for (const LayerLatency& layer : latencies.layers) sum += layer.milliseconds;
  return sum;
}

/// A row for each node that runs, the medians in one unit and as shares of their sum.
Table layers_table(const ArchGraph& graph, const ShownNetwork& network,
                   const LayerLatencies& latencies) {
  Table table{.kind = "layer_latency",
              .columns = {{"path", "", true},
                          {"operation"},
                          {"latency_ms"},
                          {"quartile_low_ms"},
                          {"quartile_high_ms"},
                          {"share_percent"}}};
  const double sum = sum_of(latencies);
  for (const LayerLatency& layer : latencies.layers) {
    table.rows.push_back({graph.path(layer.node), std::string(graph.op(layer.node).name),
                          layer.milliseconds, layer.low, layer.high,
                          sum > 0 ? 100 * layer.milliseconds / sum : 0.0});
  }
  add_for_programs(table, "network", network.text);
  table.heading = network.heading;
  table.caption = "sum of the layers " + format_short(sum) + " ms; a whole pass " +
                  format_short(latencies.whole.milliseconds) + " ms (" +
                  std::to_string(latencies.whole.runs) + " passes)";
  return table;
}

int run_latency(const Arguments& arguments, Context& context) {
  const NamedArchitecture named = architecture_argument(arguments, context);
  const ShownNetwork network = network_argument(arguments, named);
  const ArchGraph graph = named.space->build(named.architecture, network.task);
  // A trial's latency is compared with what its study measured.
  const StudyConfig usual = named.trial ? named.trial->config : StudyConfig();
  const Device device =
      host_device(arguments.integer_or("batch", usual.latency_batch, 1, 4096),
                  arguments.integer_or("threads", usual.latency_threads, 1, 1024));
  if (arguments.has("layers")) {
    const LayerLatencies latencies = measure_layers(graph, device);
    context.print(layers_table(graph, network, latencies));
    if (latencies.whole.milliseconds > kInterrupted * sum_of(latencies)) {
      context.note("this machine is busy: whole passes took " +
                   format_short(latencies.whole.milliseconds) + " ms, their layers " +
                   format_short(sum_of(latencies)) + " ms; the layers are the better measure");
    }
    return 0;
  }
  const LatencyEstimate estimate = make_host_latency_model()->estimate(graph, device);
  Table table{.kind = "latency",
              .columns = {{"architecture", "", true},
                          {"network", "", true},
                          {"device"},
                          {"settings"},
                          {"latency_ms"},
                          {"quartile_low_ms"},
                          {"quartile_high_ms"},
                          {"runs"}}};
  table.rows.push_back({named.text, network.text, device.name, device.settings,
                        estimate.milliseconds, estimate.low, estimate.high, estimate.runs});
  table.heading = network.heading;
  table.single = true;
  context.print(table);
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

const Command arch_latency{
    .noun = "arch",
    .verb = "latency",
    .summary = "measure the latency on this machine",
    .description =
        "Median and quartiles of repeated forward passes in evaluation mode: 3 to warm up, then "
        "as\n"
        "many as fit into 0.2 s, at most 50. With --layers each operation is timed inside such "
        "passes;\n"
        "their sum falls short of a whole pass by what lies between operations. Operations that "
        "no\n"
        "output needs do not run and have no row.",
    .examples =
        "nasctl arch latency --space nasbench201 index:0 --batch 1 --threads 2\n"
        "nasctl arch latency trial:first/12 --layers",
    .positionals = {kArchitecture},
    .options = joined(joined({{.name = "batch",
                               .value = "N",
                               .help = "images in a pass; without it as the trial's study",
                               .standard = std::to_string(StudyConfig{}.latency_batch)},
                              {.name = "threads",
                               .value = "N",
                               .help = "CPU threads; without it as the trial's study",
                               .standard = std::to_string(StudyConfig{}.latency_threads)},
                              {.name = "layers", .value = "", .help = "latency of each operation"}},
                             space_options()),
                      network_options()),
    .run = run_latency};

}  // namespace nas::cli
