#include <filesystem>

#include "app/devices/machine_load.h"
#include "app/host_models/device_models.h"
#include "app/lookup/architecture_lookup.h"
#include "app/study/evaluators.h"
#include "cli/commands.h"
#include "cli/commands/device_options.h"
#include "cli/network_argument.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "hwmodels/lookup_table.h"

namespace nas::cli {
namespace {

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

/// One row: what a whole network takes.
Table latency_table(const GivenNetwork& given, const Device& device,
                    const LatencyEstimate& estimate) {
  const ShownNetwork& network = given.shown;
  Table table{.kind = "latency",
              .columns = {{"architecture", "", true},
                          {"network", "", true},
                          {"device"},
                          {"settings"},
                          {"latency_ms"},
                          {"quartile_low_ms"},
                          {"quartile_high_ms"},
                          {"runs"}}};
  table.rows.push_back({given.text, network.text, device.name, device.settings,
                        estimate.milliseconds, estimate.low, estimate.high, estimate.runs});
  table.heading = network.heading;
  table.single = true;
  return table;
}

/// A row for each part of the network that a model has a time for.
Table parts_table(const ShownNetwork& network, const std::vector<CostPart>& parts,
                  const Device& device) {
  Table table{.kind = "part_latency",
              .columns = {{"part"}, {"key", "", true}, {"latency_ms"}, {"share_percent"}}};
  double sum = 0;
  for (const CostPart& part : parts) sum += part.milliseconds;
  for (const CostPart& part : parts) {
    table.rows.push_back(
        {part.scope, part.key, part.milliseconds, sum > 0 ? 100 * part.milliseconds / sum : 0.0});
  }
  add_for_programs(table, "network", network.text);
  table.heading = network.heading;
  table.caption = "sum of the parts on " + device.name + ": " + format_short(sum, 6) + " ms";
  return table;
}

/// The device that --device names, or the only one.
const Device& device_argument(const Arguments& arguments, const AdditiveModel& model,
                              const std::string& file) {
  if (const auto name = arguments.text("device")) return find_device(model, *name, file);
  if (model.devices().size() == 1) return model.devices().front();
  std::vector<std::string> names;
  for (const Device& device : model.devices()) names.push_back(device.name);
  throw Error(ErrorKind::kUsage,
              file + ": is of several devices; say which with --device: " + join(names, ", "));
}

void refuse_measuring(const Arguments& arguments, const std::string& with) {
  for (const std::string& option : split(kHostSettings, '|')) {
    if (!arguments.has(option)) continue;
    throw Error(ErrorKind::kUsage,
                "--" + option + " has no effect with " + with + ": nothing is measured");
  }
}

int run_model(const Arguments& arguments, Context& context, const GivenNetwork& given) {
  refuse_measuring(arguments, "--model");
  const StoredDeviceModel stored = load_device_model(context.session(), *arguments.text("model"));
  if (arguments.has("layers")) {
    context.print(parts_table(given.shown, stored.model->parts(given.graph), stored.device()));
  } else {
    Table table =
        latency_table(given, stored.device(), stored.model->estimate(given.graph, stored.device()));
    table.columns[5].name = "low_ms";
    table.columns[6].name = "high_ms";
    context.print(table);
    context.note("predicted by " + stored.identity() +
                 "; low to high holds nine of ten networks that its fit held out");
  }
  return 0;
}

int run_lookup(const Arguments& arguments, Context& context, const GivenNetwork& given) {
  refuse_measuring(arguments, "--lookup");
  const std::string file = *arguments.text("lookup");
  const std::string stem = std::filesystem::path(file).stem().string();
  const auto model = read_lookup_table(file, stem);
  const Device& device = device_argument(arguments, *model, file);
  if (arguments.has("layers")) {
    context.print(parts_table(given.shown, model->parts(given.graph, device), device));
  } else {
    context.print(latency_table(given, device, model->estimate(given.graph, device)));
  }
  return 0;
}

/// "host", by the options, else as a study measured.
Device usual_host(const Arguments& arguments, const StudyConfig& usual) {
  return host_of(arguments, arguments.integer_or("batch", usual.latency_batch, 1, 4096),
                 arguments.integer_or("threads", usual.latency_threads, 1, 1024));
}

int run_latency(const Arguments& arguments, Context& context) {
  const GivenNetwork given = given_network(arguments, context, *arguments.text("ARCHITECTURE"));
  if (arguments.has("lookup")) return run_lookup(arguments, context, given);
  if (arguments.has("model")) return run_model(arguments, context, given);
  const ArchGraph& graph = given.graph;
  // A trial's latency is compared with what its study measured.
  const bool trial = given.named && given.named->trial;
  const StudyConfig usual = trial ? given.named->trial->config : StudyConfig();
  const Device device =
      arguments.has("device") ? host_argument(arguments, context) : usual_host(arguments, usual);
  if (arguments.has("layers")) {
    const LayerLatencies latencies = measure_layers(graph, device);
    context.print(layers_table(graph, given.shown, latencies));
    if (latencies.whole.milliseconds > kInterrupted * sum_of(latencies)) {
      context.note("this machine is busy: whole passes took " +
                   format_short(latencies.whole.milliseconds) + " ms, their layers " +
                   format_short(sum_of(latencies)) + " ms; the layers are the better measure");
    }
    return 0;
  }
  const HostTiming timing = time_on_host(graph, device, {});
  context.print(latency_table(given, device, timing.latency));
  const std::string drift = drift_text(timing), load = load_text(busy_processors());
  if (!drift.empty()) context.note("not steady: " + drift);
  if (!load.empty()) context.note(load);
  return 0;
}

}  // namespace

const Command arch_latency{
    .noun = "arch",
    .verb = "latency",
    .summary = "latency on this machine, measured or by a model, or by a look-up table",
    .description =
        "Median and quartiles of repeated forward passes in evaluation mode: 3 to warm up, then "
        "as\n"
        "many as fit into 0.2 s, at most 50. With --layers each operation is timed inside such "
        "passes;\n"
        "their sum falls short of a whole pass by what lies between operations. Operations that "
        "no\n"
        "output needs do not run and have no row. With --lookup the latency is the sum of the "
        "entries of\n"
        "a table of blocks (hwmodels/README.md), and --layers shows the entries. With --model it "
        "is "
        "what a\n"
        "model of this machine says (device fit), and --layers shows its kernels.",
    .examples =
        "nasctl arch latency --space nasbench201 index:0 --batch 1 --threads 2\n"
        "nasctl arch latency trial:first/12 --layers\n"
        "nasctl arch latency model.onnx --batch 8\n"
        "nasctl arch latency --space proxylessnas '3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | "
        "3,3 Z Z Z | 3,3' \\\n"
        "  --lookup proxylessnas_mobile.csv --layers",
    .positionals = {{.name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"}},
    .options = joined(joined({{.name = "batch",
                               .value = "N",
                               .help = "images in a pass; without it as the trial's study",
                               .standard = std::to_string(StudyConfig{}.latency_batch)},
                              {.name = "threads",
                               .value = "N",
                               .help = "CPU threads; without it as the trial's study",
                               .standard = std::to_string(StudyConfig{}.latency_threads)},
                              {.name = "layers", .value = "", .help = "latency of each operation"},
                              {.name = "lookup",
                               .value = "FILE",
                               .help = "look-up table of latencies, instead of measuring",
                               .completes = "file"},
                              {.name = "model",
                               .value = "NAME",
                               .help = "model of this machine (device fit), instead of measuring",
                               .completes = "device-model",
                               .excludes = "lookup|device"},
                              {.name = "device",
                               .value = "NAME",
                               .help = "device of the table (default: its only one), or one of "
                                       "this machine that was added (nasctl device list)",
                               .completes = "device",
                               .excludes = kHostSettings}},
                             engine_options()),
                      joined(space_options(), network_options())),
    .run = run_latency};

}  // namespace nas::cli
