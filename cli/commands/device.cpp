#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "app/benchmarks/device_catalogue.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/transfer_options.h"
#include "cli/context.h"
#include "core/runtime/latency.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::string_view kHostText = "; measured by latency_ms@host";

std::string host_text() {
  const RuntimeInfo info = runtime_info();
  return info.cpu + ", " + info.simd + ", " + std::to_string(info.threads) + " threads" +
         std::string(kHostText);
}

std::string where_text(const CatalogueDevice& device) {
  std::vector<std::string> words;
  if (device.values > 0) words.push_back("in the database");
  if (!device.columns.empty()) {
    const std::string& first = device.columns.front();
    words.push_back(std::to_string(device.columns.size()) +
                    (device.columns.size() == 1 ? " column, " : " columns, ") + first);
  }
  return join(words, "; ");
}

/// Devices of published tables that are not there yet.
std::string imports_text(const std::vector<CatalogueDevice>& known) {
  std::vector<std::string> parts;
  for (const PublishedDevices& table : published_devices()) {
    const bool there = std::ranges::all_of(table.devices, [&known](const std::string& device) {
      return std::ranges::any_of(
          known, [&device](const CatalogueDevice& one) { return one.device.name == device; });
    });
    if (there) continue;
    parts.push_back(std::to_string(table.devices.size()) + " of " + table.space +
                    " (nasctl bench import " + table.file + " --mapping " + table.mapping + ")");
  }
  return parts.empty() ? "" : "published devices come with an import: " + join(parts, ", ");
}

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "devices",
              .columns = {{"name", "", false, true},
                          {"kind"},
                          {"settings"},
                          {"values"},
                          {"description", "", true}}};
  const std::vector<CatalogueDevice> known = device_catalogue(context.session());
  table.caption = imports_text(known);
  for (const CatalogueDevice& one : known) {
    const bool host = table.rows.empty();
    table.rows.push_back({one.device.name, one.device.kind, one.device.settings,
                          one.values > 0 ? Cell(one.values) : Cell(),
                          host ? host_text() : where_text(one)});
  }
  context.print(table);
  return 0;
}

int run_show(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("DEVICE");
  const std::vector<DeviceColumn> columns = device_columns(context.session(), name);
  for (const CatalogueDevice& one : device_catalogue(context.session())) {
    if (one.device.name != name || one.device.settings.empty()) continue;
    context.note(name + ": " + one.device.kind + ", " + one.device.settings +
                 (one.values > 0 ? ", " + format_count(one.values) + " stored values" : ""));
  }
  if (columns.empty()) context.note("no benchmark has a column of this device");
  Table table{.kind = "device_columns",
              .columns = {{"benchmark"},
                          {"column", "", true},
                          {"unit"},
                          {"measured"},
                          {"failed"},
                          {"least"},
                          {"median"},
                          {"most"}}};
  for (const DeviceColumn& column : columns) {
    const auto number = [&column](double value) {
      return column.measured > 0 ? Cell(value) : Cell();
    };
    table.rows.push_back({column.benchmark, column.column, column.unit, column.measured,
                          column.failed, number(column.least), number(column.median),
                          number(column.most)});
  }
  context.print(table);
  return 0;
}

Suggestion suggested(const Arguments& arguments, Context& context, std::int64_t count) {
  Suggestion suggestion = suggest_measurements(context.session(), known_devices(arguments),
                                               arguments.text_or("measured", ""), count,
                                               arguments.whole("candidates", 2, 20'000));
  for (const std::string& note : suggestion.notes) context.note("note: " + note);
  return suggestion;
}

int run_suggest(const Arguments& arguments, Context& context) {
  const Suggestion suggestion = suggested(arguments, context, arguments.whole("count", 1, 1000));
  Table table{.kind = "suggested_measurements",
              .columns = {{"architecture", "", true}, {suggestion.metric}}};
  for (const std::string& architecture : suggestion.architectures) {
    table.rows.push_back({architecture, Cell()});
  }
  context.print(table);
  return 0;
}

/// Measures the networks that would be suggested, here.
int measure_suggested(const Arguments& arguments, Context& context, std::int64_t count) {
  const Suggestion suggestion = suggested(arguments, context, count);
  if (suggestion.metric != "latency_ms") {
    throw Error(ErrorKind::kUsage, "this machine measures latency_ms, not " + suggestion.metric);
  }
  const std::string space_name =
      arguments.has("space") ? *arguments.text("space")
                             : context.session().benchmark(*arguments.text("bench"))->info().space;
  const SearchSpace& space = context.session().space({space_name, {}});
  const Device device =
      host_device(arguments.whole("batch", 1, 4096), arguments.whole("threads", 1, 1024));
  const auto model = make_host_latency_model();
  Table table{.kind = "measurements",
              .columns = {{"architecture", "", true}, {"latency_ms"}, {"low"}, {"high"}, {"runs"}}};
  for (const std::string& text : suggestion.architectures) {
    const ArchGraph graph = space.build(space.parse(text), space.info().default_task);
    const LatencyEstimate estimate = model->estimate(graph, device);
    table.rows.push_back({text, estimate.milliseconds, estimate.low, estimate.high, estimate.runs});
  }
  double load = 0;
  if (getloadavg(&load, 1) == 1 && load > 0.5) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", load);
    context.note("warning: the load of this machine is " + std::string(text) +
                 ", so these are latencies of a busy machine; measure again when it is idle");
  }
  context.note("measured on this machine, " + device.settings +
               "; --format csv gives a file for predictor fit --measured");
  context.print(table);
  return 0;
}

int run_measure(const Arguments& arguments, Context& context) {
  if (const auto count = arguments.integer("suggest", 1, 1000)) {
    return measure_suggested(arguments, context, *count);
  }
  const RuntimeInfo info = runtime_info();
  Table table = single_table("device");
  const auto add = [&](const char* name, Cell value) { add_fact(table, name, std::move(value)); };
  add("cpu", info.cpu);
  add("simd", info.simd);
  add("threads", static_cast<std::int64_t>(info.threads));
  add("blas", info.blas);
  add("cuda", cuda_is_available());
  add("bfloat16", info.bfloat16);
  add("matmul_gflops_one_thread", measured_matmul_gflops());
  add("convolution_gflops_one_thread", measured_conv_gflops());
  context.print(table);
  return 0;
}

std::vector<OptionSpec> suggestion_options(std::string_view needs) {
  return joined(
      {{.name = "bench",
        .value = "BENCH",
        .help = "benchmark with other devices; its networks are suggested",
        .needs = needs},
       {.name = "space",
        .value = "NAME",
        .help = "space of the networks, if no benchmark is given",
        .completes = "space",
        .needs = needs,
        .excludes = "bench"},
       {.name = "target",
        .value = "METRIC@DEVICE",
        .help = "what is to be measured",
        .standard = "latency_ms@new",
        .needs = needs},
       {.name = "measured",
        .value = "FILE",
        .help = "CSV with what was measured already (architecture, latency_ms)",
        .completes = "file",
        .needs = needs},
       {.name = "candidates",
        .value = "N",
        .help = "random networks to choose from",
        .standard = "500",
        .needs = needs},
       {.name = "option",
        .value = "KEY=VALUE",
        .help = "an option of the predictor 'transfer'",
        .repeated = true,
        .needs = needs},
       {.name = "seed", .value = "N", .help = "random seed", .standard = "0", .needs = needs}},
      known_device_options(needs));
}

}  // namespace

const Command device_list{.noun = "device",
                          .verb = "list",
                          .summary = "what latencies can refer to",
                          .description =
                              "This machine, devices of the database, and those of "
                              "columns METRIC@DEVICE of its benchmarks.",
                          .examples = "nasctl device list",
                          .run = run_list};

const Command device_show{
    .noun = "device",
    .verb = "show",
    .summary = "what is known of a device",
    .examples = "nasctl device show pixel3",
    .positionals = {{.name = "DEVICE", .help = "device (nasctl device list)"}},
    .run = run_show};

const Command device_suggest{
    .noun = "device",
    .verb = "suggest",
    .summary = "which networks to measure on a new device",
    .description =
        "Those that tell most: each is the one of which least is known after the others "
        "(D-optimal design over other devices and structure). With --format csv the answer is the "
        "file to fill in and to give to predictor fit --kind latency --measured. Ten do.",
    .examples =
        "nasctl device suggest --bench help --count 10 --format csv >mine.csv\n"
        "nasctl device suggest --bench help --count 5 --measured mine.csv",
    .options = joined({{.name = "count", .value = "N", .help = "networks", .standard = "10"}},
                      suggestion_options("")),
    .run = run_suggest};

const Command device_measure{
    .noun = "device",
    .verb = "measure",
    .summary = "speed of this machine: matrix product, convolution, or suggested networks",
    .description =
        "With --suggest N it measures the N networks that tell most about this machine "
        "(device suggest), for predictor fit --kind latency.",
    .examples =
        "nasctl device measure --json\n"
        "nasctl device measure --suggest 10 --bench help --format csv >host.csv",
    .options = joined(
        {{.name = "suggest", .value = "N", .help = "measure this many networks"},
         {.name = "batch",
          .value = "B",
          .help = "samples at a time",
          .standard = "1",
          .needs = "suggest"},
         {.name = "threads", .value = "T", .help = "threads", .standard = "1", .needs = "suggest"}},
        suggestion_options("suggest")),
    .run = run_measure};

}  // namespace nas::cli
