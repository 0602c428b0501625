#include <algorithm>
#include <utility>

#include "app/benchmarks/device_catalogue.h"
#include "app/devices/device_record.h"
#include "app/devices/device_table.h"
#include "app/host_models/device_models.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/device_options.h"
#include "cli/context.h"
#include "core/runtime/latency.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas::cli {
namespace {

constexpr std::string_view kHostText = "; measured by latency_ms@host";

std::string host_text() {
  const RuntimeInfo info = runtime_info();
  return info.cpu + ", " + info.simd + ", " + std::to_string(info.threads) + " threads" +
         std::string(kHostText);
}

/// Fitted models, each with its device; one whose file cannot be read has none.
std::vector<std::pair<Device, std::string>> fitted_models(Session& session) {
  std::vector<std::pair<Device, std::string>> models;
  for (const ArtifactRow& row : device_models(session)) {
    try {
      const StoredDeviceModel stored = load_device_model(session, row.name);
      models.emplace_back(stored.device(),
                          "model " + row.name + " (" + stored.model->state().kind + ")");
    } catch (const Error&) {  // --model NAME says what is wrong with it
    }
  }
  return models;
}

std::string where_text(Session& session, const CatalogueDevice& device) {
  std::vector<std::string> words;
  const DeviceSettings settings = known_settings(device.device.settings);
  if (!settings.machine.empty()) {
    words.push_back(is_this_host(device.device) ? "this machine" : settings.machine);
  }
  if (device.added && has_device_table(session, device.device.name))
    words.push_back("look-up table");
  if (device.values > 0) words.push_back("in the database");
  if (!device.columns.empty()) {
    const std::string& first = device.columns.front();
    words.push_back(counted(std::ssize(device.columns), "column") + ", " + first);
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

/// "networks are planned for microcontrollers (arch memory): stm32f412, ...".
std::string microcontrollers_text() {
  std::vector<std::string> names;
  for (const McuDevice& device : mcu_devices()) names.emplace_back(device.name);
  return "networks are planned for microcontrollers (nasctl arch memory): " + join(names, ", ");
}

/// What is known of a microcontroller.
Table microcontroller_table(const McuDevice& device) {
  Table table = single_table("microcontroller");
  add_fact(table, "name", std::string(device.name));
  add_fact(table, "title", std::string(device.title));
  add_fact(table, "sram_bytes", device.sram_bytes);
  add_fact(table, "flash_bytes", device.flash_bytes);
  add_fact(table, "megahertz", std::int64_t{device.megahertz});
  add_fact(table, "engine", std::string(device.engine.name));
  return table;
}

/// Batch, threads and precision alone: machine and runtime have columns of their own.
std::string short_settings(const Device& device) {
  DeviceSettings settings = known_settings(device.settings);
  if (to_text(settings) != device.settings) return device.settings;
  settings.machine.clear();
  settings.runtime.clear();
  return to_text(settings);
}

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "devices",
              .columns = {{"name", "", false, true},
                          {"kind"},
                          {"settings"},
                          {"runtime"},
                          {"values"},
                          {"description", "", true}}};
  const std::vector<CatalogueDevice> known = device_catalogue(context.session());
  table.caption = microcontrollers_text();
  const std::string imports = imports_text(known);
  if (!imports.empty()) table.caption += "\n" + imports;
  const auto models = fitted_models(context.session());
  for (const CatalogueDevice& one : known) {
    const bool host = table.rows.empty();
    std::string where = host ? host_text() : where_text(context.session(), one);
    for (const auto& [device, text] : models) {
      if (device.name != one.device.name || device.settings != one.device.settings) continue;
      where += (where.empty() ? "" : "; ") + text;
    }
    table.rows.push_back({one.device.name, one.device.kind, short_settings(one.device),
                          known_settings(one.device.settings).runtime,
                          one.values > 0 ? Cell(one.values) : Cell(), std::move(where)});
  }
  context.print(table);
  return 0;
}

int run_show(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("DEVICE");
  if (const McuDevice* microcontroller = find_mcu_device(name)) {
    context.print(microcontroller_table(*microcontroller));
    return 0;
  }
  const std::vector<DeviceColumn> columns = device_columns(context.session(), name);
  for (const CatalogueDevice& one : device_catalogue(context.session())) {
    if (one.device.name != name || one.device.settings.empty()) continue;
    context.note(name + ": " + one.device.kind + ", " + one.device.settings +
                 (one.values > 0 ? ", " + format_count(one.values) + " stored values" : ""));
  }
  if (columns.empty()) {
    context.note("neither the database nor a benchmark has a value of this device");
  }
  if (const auto known = device_table(context.session(), name)) {
    context.note("look-up table " + known->path.string());
  }
  Table table{.kind = "device_columns",
              .columns = {{"benchmark"},
                          {"space"},
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
    table.rows.push_back({column.benchmark, column.space, column.column, column.unit,
                          column.measured, column.failed, number(column.least),
                          number(column.median), number(column.most)});
  }
  context.print(table);
  return 0;
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
    .options = joined({{.name = "count", .value = "N", .help = "networks", .standard = "10"},
                       {.name = "space",
                        .value = "NAME",
                        .help = "space of the networks, if no benchmark is given",
                        .completes = "space",
                        .excludes = "bench"},
                       {.name = "seed", .value = "N", .help = "random seed", .standard = "0"}},
                      suggestion_options("")),
    .run = run_suggest};

}  // namespace nas::cli
