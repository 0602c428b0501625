#include "app/devices/device_record.h"
#include "app/devices/device_table.h"
#include "app/measuring/device_import.h"
#include "app/study/constraint.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/runtime/latency.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

int run_add(const Arguments& arguments, Context& context) {
  DeviceSettings settings;
  settings.batch = arguments.integer("batch", 1, 4096);
  settings.threads = arguments.integer("threads", 1, 4096);
  settings.precision = arguments.text_or("precision", "");
  settings.runtime = arguments.text_or("runtime", "");
  settings.machine = trim(printable(arguments.text_or("machine", "")));
  if (arguments.has("machine") && settings.machine.empty()) {
    throw Error(ErrorKind::kUsage,
                "--machine is empty: name the machine, or leave it out for this one");
  }
  for (const std::string* text : {&settings.precision, &settings.runtime}) {
    if (text->find_first_of(",=\n") == std::string::npos) continue;
    throw Error(ErrorKind::kUsage, "'" + printable(*text) + "' may not hold ',' or '='");
  }
  const Device device =
      add_device(context.session(), *arguments.text("NAME"), arguments.value("kind"), settings);
  Table table{.kind = "device", .columns = {{"name"}, {"kind"}, {"settings", "", true}}};
  table.rows.push_back({device.name, device.kind, device.settings});
  table.single = true;
  context.print(table);
  return 0;
}

/// What only a file of values has.
std::vector<OptionSpec> value_options() {
  return joined(joined({{.name = "architecture",
                         .value = "COLUMN",
                         .help = "column of the architectures, in any notation",
                         .standard = "architecture"},
                        {.name = "column",
                         .value = "COLUMN",
                         .help = "column of the values (default: named as the metric)"},
                        {.name = "metric",
                         .value = "METRIC",
                         .help = "what the values are",
                         .standard = "latency_ms"},
                        {.name = "invalid",
                         .value = "NUMBER",
                         .help = "value of rows that were not measured; they are left out"}},
                       space_options()),
                task_options());
}

/// Who takes latencies from the table of this device.
std::string use_of_table(Session& session, const Device& device) {
  const std::string metric = "latency_ms@" + device.name;
  if (added_device(session, device.name) && !is_this_host(device)) {
    return "searches take " + metric + " from it";
  }
  return (is_this_host(device) ? "searches measure " + metric + ", which is this machine"
                               : "device '" + device.name + "' was not added") +
         "; they take it from the table with --origin " + metric +
         "=lookup:" + device_table(session, device.name)->path.string();
}

/// Values of networks.
int import_values(const Arguments& arguments, Context& context, const Device& device) {
  DeviceImport request{.device = device, .file = *arguments.text("FILE")};
  request.space = space_choice(arguments);
  request.task = task_argument(arguments, context.session().space(request.space));
  request.architecture = arguments.value("architecture");
  request.metric = parse_metric(arguments.value("metric") + "@" + device.name).name;
  request.column = arguments.text_or("column", request.metric);
  request.invalid = arguments.real("invalid", -1e300, 1e300);
  request.force = arguments.has("force");
  const DeviceImportReport report = import_device_values(context.session(), request);
  if (report.invalid > 0) {
    context.note("left out: " + counted(report.invalid, "row") + " marked as not measured (" +
                 *arguments.text("invalid") + ")");
  }
  if (report.empty > 0) context.note("without a value: " + counted(report.empty, "row"));
  if (report.all_equal) {
    context.note("warning: all values are equal, so nothing can be ranked or predicted by them");
  }
  Table table = single_table("device_import");
  add_fact(table, "device", device.name);
  add_fact(table, "stored", static_cast<std::int64_t>(report.stored));
  add_fact(table, "known_before", static_cast<std::int64_t>(report.known));
  add_fact(table, "not_measured", static_cast<std::int64_t>(report.invalid));
  add_fact(table, "empty", static_cast<std::int64_t>(report.empty));
  context.print(table);
  return 0;
}

int import_table(const Arguments& arguments, Context& context, const Device& device) {
  for (const OptionSpec& option : value_options()) {
    if (!arguments.has(option.name)) continue;
    throw Error(ErrorKind::kUsage,
                "--" + std::string(option.name) + " has no effect: the file is a look-up table");
  }
  const KeptTable kept =
      keep_device_table(context.session(), device, *arguments.text("FILE"), arguments.has("force"));
  Table table = single_table("device_import");
  add_fact(table, "device", device.name);
  add_fact(table, "lookup_table_rows", static_cast<std::int64_t>(kept.entries));
  add_fact(table, "known_before", kept.known);
  context.print(table);
  if (kept.known) context.note("nothing to do: device '" + device.name + "' has this table");
  context.note(use_of_table(context.session(), device));
  return 0;
}

int run_import(const Arguments& arguments, Context& context) {
  const Device device = known_device(context.session(), *arguments.text("DEVICE"));
  return is_lookup_table(*arguments.text("FILE")) ? import_table(arguments, context, device)
                                                  : import_values(arguments, context, device);
}

}  // namespace

const Command device_add{
    .noun = "device",
    .verb = "add",
    .summary = "give a device with its settings a name",
    .description =
        "Without --machine it is this machine, and latency_ms@NAME is measured here with these "
        "settings.\n"
        "With --machine it is measured elsewhere: give it values with device import, or a "
        "predictor. One\n"
        "name stands for one device: other settings need another name.",
    .examples =
        "nasctl device add host-t2 --threads 2\n"
        "nasctl device add host-bf16-b8 --batch 8 --precision bfloat16\n"
        "nasctl device add host-ort --runtime onnxruntime\n"
        "nasctl device add note10 --machine 'Galaxy Note 10' --runtime 'TF-Lite' --batch 1",
    .positionals = {{.name = "NAME", .help = "letters, digits, '-', '_' and '.'"}},
    .options = {{.name = "kind",
                 .value = "KIND",
                 .help = "what it is",
                 .choices = kDeviceKinds,
                 .standard = "cpu"},
                {.name = "batch", .value = "N", .help = "samples in a pass"},
                {.name = "threads", .value = "N", .help = "threads"},
                {.name = "precision", .value = "TYPE", .help = "float32, bfloat16, int8, ..."},
                {.name = "machine", .value = "TEXT", .help = "machine, where it is another one"},
                {.name = "runtime",
                 .value = "TEXT",
                 .help = "what runs the networks, elsewhere with its version; on this machine "
                         "libtorch (default) or onnxruntime"}},
    .run = run_add};

const Command device_import{
    .noun = "device",
    .verb = "import",
    .summary = "measurements of a device that were made elsewhere",
    .description =
        "A CSV file of architectures and values is stored as measured on the device; the same "
        "file again\n"
        "adds nothing. A look-up table of blocks (hwmodels/README.md, a column key) is kept beside "
        "the\n"
        "database, and latency_ms@DEVICE is summed from it. Rows without a value (empty, NA) are "
        "left out.\n"
        "A value that is negative or not a number is an error with its line, unless --invalid says "
        "that\n"
        "the file marks so what was not measured.",
    .examples =
        "nasctl device import note10 ofa_note10.csv\n"
        "nasctl device import raspi4 mine.csv --space nasbench201\n"
        "nasctl device import edgetpu hw_nas_bench_nb201.csv.gz --space nasbench201 \\\n"
        "  --architecture index --column c10_edgetpu_latency --invalid -1",
    .positionals = {{.name = "DEVICE", .help = "device (nasctl device list)"},
                    {.name = "FILE", .help = "CSV, also gzip", .completes = "file"}},
    .options = joined(
        value_options(),
        {{.name = "force",
          .value = "",
          .help = "replace the device's look-up table, or values that networks have on it"}}),
    .run = run_import};

}  // namespace nas::cli
