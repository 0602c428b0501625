#include <algorithm>
#include <set>

#include "app/devices/machine_load.h"
#include "app/lookup/architecture_lookup.h"
#include "app/measuring/lookup_making.h"
#include "app/measuring/network_timing.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/device_options.h"
#include "cli/context.h"
#include "core/runtime/latency.h"
#include "core/util/counted.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// Speed of the machine itself.
int measure_machine(Context& context) {
  const std::string load = load_text(busy_processors());
  if (!load.empty()) context.note(load);
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
  add("machine", this_machine());
  add("runtime", this_runtime());
  context.print(table);
  return 0;
}

/// The column "architecture" of a CSV file; a file without it has one architecture per line.
std::vector<std::string> texts_of_file(const std::string& file) {
  const std::string text = read_file(file);
  std::vector<std::string> texts;
  const std::string heading = to_lower(text.substr(0, text.find_first_of("\r\n")));
  if (heading.find("architecture") != std::string::npos) {
    const CsvTable table = CsvTable::parse(text, file);
    const std::size_t column = table.column("architecture");
    for (std::size_t row = 0; row < table.rows(); ++row) texts.emplace_back(table.at(row, column));
    return texts;
  }
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).empty()) texts.emplace_back(trim(line));
  }
  if (texts.empty()) throw Error(ErrorKind::kData, printable(file) + ": names no architecture");
  return texts;
}

/// Different random networks of the space; fewer, and a note, where it gives no more.
std::vector<std::string> random_networks(const Arguments& arguments, Context& context,
                                         const SearchSpace& space, std::int64_t count) {
  constexpr int kMostInVain = 20'000;  // draws in a row that give nothing new
  Rng rng({.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1LL << 62)),
           .purpose = Purpose::kSample});
  std::vector<std::string> networks;
  std::set<std::string> known;
  int in_vain = 0;
  while (static_cast<std::int64_t>(networks.size()) < count && in_vain < kMostInVain) {
    std::string text = space.format(sample(space, rng));
    const bool fresh = known.insert(text).second;
    in_vain = fresh ? 0 : in_vain + 1;
    if (fresh) networks.push_back(std::move(text));
  }
  if (static_cast<std::int64_t>(networks.size()) < count) {
    context.note("only " + std::to_string(networks.size()) + " of " + std::to_string(count) +
                 " networks: the last " + std::to_string(kMostInVain) + " draws gave no new one");
  }
  return networks;
}

/// The networks that the command names, in the space's own notation, each once.
std::vector<std::string> network_list(const Arguments& arguments, Context& context,
                                      const PluginChoice& choice) {
  if (const auto count = arguments.integer("random", 1, 100'000)) {
    return random_networks(arguments, context, context.session().space(choice), *count);
  }
  std::vector<std::string> texts = arguments.all("ARCHITECTURE");
  std::string where;
  if (const auto file = arguments.text("networks")) {
    texts = texts_of_file(*file);
    where = printable(*file) + ": ";
  }
  std::vector<std::string> networks;
  ArchitectureLookup lookup(context.session());
  for (const std::string& text : texts) {
    try {
      networks.push_back(lookup.architecture(text, choice).text);
    } catch (const Error& error) {
      throw Error(error.kind(), where + error.what());
    }
  }
  std::vector<std::string> once;
  std::set<std::string> known;
  for (std::string& text : networks) {
    if (known.insert(text).second) once.push_back(std::move(text));
  }
  return once;
}

Table timing_table(const TimingReport& report) {
  Table table{.kind = "measurements",
              .columns = {{"architecture", "", true},
                          {"latency_ms"},
                          {"quartile_low_ms"},
                          {"quartile_high_ms"},
                          {"runs"},
                          {"note", "", true}}};
  for (const TimedNetwork& one : report.networks) {
    const bool fresh = !one.known && one.error.empty();
    const bool spread = one.error.empty() && one.latency.high > 0;
    const auto number = [spread](double value) { return spread ? Cell(value) : Cell(); };
    table.rows.push_back(
        {one.architecture, one.error.empty() ? Cell(one.latency.milliseconds) : Cell(),
         number(one.latency.low), number(one.latency.high), fresh ? Cell(one.latency.runs) : Cell(),
         !one.error.empty() ? one.error
         : one.known        ? std::string("measured before")
                            : one.drift});
  }
  return table;
}

int time_list(const Arguments& arguments, Context& context, TimingRequest request) {
  request.again = arguments.has("again");
  request.options.cold_caches = arguments.text_or("caches", "warm") == "cold";
  const std::string warning = load_warning(arguments);
  const TimingReport report = time_networks(context.session(), request);
  const auto failed = std::count_if(report.networks.begin(), report.networks.end(),
                                    [](const auto& one) { return !one.error.empty(); });
  const auto drifted = std::count_if(report.networks.begin(), report.networks.end(),
                                     [](const auto& one) { return !one.drift.empty(); });
  context.note("measured on this machine as '" + request.device.name + "', " +
               request.device.settings + "; caches " +
               (request.options.cold_caches ? "cold" : "warm"));
  if (!warning.empty()) context.note(warning);
  if (drifted > 0) {
    context.note(std::to_string(drifted) + " of " + std::to_string(report.networks.size()) +
                 " were not steady while they were measured (see note); --again measures them "
                 "once more");
  }
  if (failed > 0) context.note(std::to_string(failed) + " could not be measured (see note)");
  context.print(timing_table(report));
  const bool nothing =
      !report.networks.empty() && failed == static_cast<std::ptrdiff_t>(report.networks.size());
  if (!report.stopped) return nothing ? 1 : 0;
  context.note("stopped; the same command continues");
  return 130;
}

int measure_suggested(const Arguments& arguments, Context& context, std::int64_t count) {
  const Suggestion suggestion = suggested(arguments, context, count);
  if (suggestion.metric != "latency_ms") {
    throw Error(ErrorKind::kUsage, "this machine measures latency_ms, not " + suggestion.metric);
  }
  const PluginChoice space = parse_plugin_choice(
      arguments.has("space") ? *arguments.text("space")
                             : context.session().benchmark(*arguments.text("bench"))->info().space);
  TimingRequest request{.space = space,
                        .task = task_argument(arguments, context.session().space(space)),
                        .architectures = suggestion.architectures,
                        .device = host_argument(arguments, context),
                        .options = {}};
  context.note("--format csv gives a file for predictor fit --measured");
  return time_list(arguments, context, std::move(request));
}

int measure_table(const Arguments& arguments, Context& context) {
  if (const auto output = arguments.text("output")) form_of_file(*output, "csv", "--output");
  LookupRequest request;
  request.space = parse_plugin_choice(*arguments.text("lut"));
  for (const std::string& option : arguments.all("space-option")) {
    add_option(request.space.options, option);
  }
  request.wish.task = task_argument(arguments, context.session().space(request.space));
  request.wish.resolution = arguments.integer("resolution", 1, 1 << 20);
  request.wish.repeats = arguments.whole("repeats", 1, 1000);
  request.wish.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1LL << 62));
  request.device = host_argument(arguments, context);
  request.output =
      arguments.text_or("output", request.space.name + "-" + request.device.name + ".csv");
  request.force = arguments.has("force");
  const std::string warning = load_warning(arguments);
  const LookupReport report = make_lookup_table(context.session(), request);
  if (report.stopped) {
    context.note("stopped after " + counted(static_cast<std::int64_t>(report.networks), "network") +
                 "; the same command continues");
    return 130;
  }
  if (report.resumed > 0) {
    context.note("continued after " +
                 counted(static_cast<std::int64_t>(report.resumed), "network"));
  }
  if (!warning.empty()) context.note(warning);
  Table table = single_table("lookup_table");
  add_fact(table, "file", request.output.string());
  add_fact(table, "device", request.device.name);
  add_fact(table, "settings", request.device.settings);
  add_fact(table, "entries", static_cast<std::int64_t>(report.entries));
  add_fact(table, "entries_that_never_run", static_cast<std::int64_t>(report.never_run));
  add_fact(table, "networks", static_cast<std::int64_t>(report.networks));
  add_fact(table, "spread_percent", 100 * report.spread);
  context.print(table);
  context.note("use it: --origin latency_ms@" + request.device.name +
               "=lookup:" + request.output.string());
  return 0;
}

int run_measure(const Arguments& arguments, Context& context) {
  if (arguments.has("lut")) return measure_table(arguments, context);
  if (const auto count = arguments.integer("suggest", 1, 1000)) {
    return measure_suggested(arguments, context, *count);
  }
  const bool list =
      arguments.has("ARCHITECTURE") || arguments.has("networks") || arguments.has("random");
  if (!list) return measure_machine(context);
  TimingRequest request;
  request.space = space_choice(arguments);
  request.task = task_argument(arguments, context.session().space(request.space));
  request.architectures = network_list(arguments, context, request.space);
  request.device = host_argument(arguments, context);
  return time_list(arguments, context, std::move(request));
}

std::vector<OptionSpec> measure_options() {
  constexpr std::string_view kWork = "ARCHITECTURE|networks|random|suggest|lut";
  std::vector<OptionSpec> options = {
      {.name = "networks",
       .value = "FILE",
       .help = "CSV with a column architecture, or one architecture per line",
       .completes = "file",
       .excludes = "random|suggest|lut|ARCHITECTURE"},
      {.name = "random",
       .value = "N",
       .help = "this many different random networks of the space",
       .excludes = "suggest|lut|ARCHITECTURE"},
      {.name = "suggest",
       .value = "N",
       .help = "the networks that tell most (device suggest)",
       .excludes = "lut|ARCHITECTURE"},
      {.name = "lut",
       .value = "SPACE",
       .help = "make the look-up table of the parts of a space's networks",
       .completes = "space",
       .excludes = "ARCHITECTURE|space"},
      {.name = "output",
       .value = "FILE.csv",
       .help = "of the look-up table (default: SPACE-DEVICE.csv)",
       .completes = "new-file",
       .needs = "lut"},
      {.name = "resolution",
       .value = "N",
       .help = "of a space that chooses one: only this one (default: all)",
       .needs = "lut"},
      {.name = "repeats",
       .value = "N",
       .help = "networks that each part is timed in",
       .standard = "3",
       .needs = "lut"},
      {.name = "force", .value = "", .help = "replace the output", .needs = "lut"},
      {.name = "caches",
       .value = "STATE",
       .help = "cold: they are emptied before each pass; of one thread",
       .choices = "warm|cold",
       .standard = "warm",
       .needs = "ARCHITECTURE|networks|random|suggest"},
      {.name = "again",
       .value = "",
       .help = "also networks whose latency is stored",
       .needs = "ARCHITECTURE|networks|random|suggest"},
      {.name = "space",
       .value = "NAME",
       .help = "space of the networks; with --suggest, if no benchmark is given",
       .completes = "space",
       .needs = "ARCHITECTURE|networks|random|suggest",
       .excludes = "bench"},
      {.name = "space-option",
       .value = "KEY=VALUE",
       .help = "an option of the space (nasctl space show NAME)",
       .repeated = true,
       .needs = "space|lut",
       .excludes = "suggest"},
      {.name = "seed",
       .value = "N",
       .help = "random seed",
       .standard = "0",
       .needs = "random|suggest|lut"},
      load_option(kWork)};
  std::vector<OptionSpec> task = task_options();
  for (OptionSpec& option : task) option.needs = kWork;
  return joined(
      joined(joined(std::move(options), host_options(kWork)), suggestion_options("suggest")), task);
}

}  // namespace

const Command device_measure{
    .noun = "device",
    .verb = "measure",
    .summary = "this machine: its speed, latencies of networks, or a look-up table",
    .description =
        "Without networks: matrix product and convolution. With networks: median and quartiles of "
        "each,\n"
        "kept in the database as measured on the device; what is kept is not measured again, so a "
        "list\n"
        "continues where it was stopped. With --lut SPACE: every part of the space's networks, "
        "timed\n"
        "inside whole networks, as a table that lookup:FILE reads; it continues after a kill. "
        "Threads are\n"
        "held on processors of their own. A machine whose processors are at work is not measured "
        "without\n"
        "--despite-load, and a network whose passes or processor change speed meanwhile is "
        "reported.",
    .examples =
        "nasctl device measure --json\n"
        "nasctl device measure --space nasbench201 index:0 index:7 --threads 2\n"
        "nasctl device measure --space fbnet --random 20 --input 3,64,64 --format csv >host.csv\n"
        "nasctl device measure --lut fbnet --output fbnet-host.csv\n"
        "nasctl device measure --suggest 10 --bench help --format csv >host.csv",
    .positionals =
        {{.name = "ARCHITECTURE", .help = kArchitectureHelp, .required = false, .repeated = true}},
    .options = measure_options(),
    .run = run_measure};

}  // namespace nas::cli
