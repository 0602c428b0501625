#include <utility>

#include "app/benchmarks/benchmarks.h"
#include "app/fitted/predictor_store.h"
#include "app/lookup/benchmark_query.h"
#include "cli/commands.h"
#include "cli/confirmation.h"
#include "cli/context.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/registry.h"

namespace nas::cli {
namespace {

Table checks_table(const std::vector<SelfCheck>& checks) {
  Table table{.kind = "checks", .columns = {{"check", "", true}, {"expected"}, {"got"}, {"ok"}}};
  for (const SelfCheck& check : checks) {
    table.rows.push_back({check.what, check.expected, check.got, check.ok});
  }
  return table;
}

std::size_t count_failures(const std::vector<SelfCheck>& checks) {
  std::size_t failures = 0;
  for (const SelfCheck& check : checks) failures += check.ok ? 0 : 1;
  return failures;
}

void print_options(Context& context) {
  context.print("\noptions (--importer-option KEY=VALUE):\n");
  for (const Plugin<Importer>* plugin : importer_plugins()) {
    for (const FieldDoc& field : plugin->fields()) {
      context.print("  " + std::string(plugin->name) + ": " + field.name + " = " +
                    field.default_value + ": " + field.meaning +
                    (field.range.empty() ? "" : " (" + field.range + ")") + "\n");
    }
  }
}

int run_formats(Context& context) {
  Table table{.kind = "importers",
              .columns = {{"importer", "", false, true}, {"reads", "", true}, {"options"}}};
  for (const Plugin<Importer>* plugin : importer_plugins()) {
    std::vector<std::string> options;
    for (const FieldDoc& field : plugin->fields()) {
      options.push_back(field.name + "=" + field.default_value);
    }
    table.rows.push_back(
        {std::string(plugin->name), std::string(plugin->summary), join(options, " ")});
  }
  context.print(table);
  if (!context.human()) return 0;
  print_options(context);
  context.print("\nbuilt-in mappings for tables:\n");
  for (const BuiltinMapping& mapping : builtin_mappings()) {
    context.print("  " + std::string(mapping.name) + "\n");
  }
  return 0;
}

int run_import(const Arguments& arguments, Context& context) {
  if (arguments.has("formats")) return run_formats(context);
  if (!arguments.has("PATH")) {
    throw Error(ErrorKind::kUsage,
                "missing PATH: the file or folder to import; --formats lists what can be read");
  }
  OptionMap options;
  for (const std::string& option : arguments.all("importer-option")) add_option(options, option);
  const ImportResult result =
      import_benchmark(context.session(), {.path = *arguments.text("PATH"),
                                           .name = arguments.text_or("name", ""),
                                           .mapping = arguments.text_or("mapping", ""),
                                           .importer = arguments.text_or("importer", ""),
                                           .options = std::move(options),
                                           .force = arguments.has("force")});
  if (!context.human() || !result.checks.empty()) context.print(checks_table(result.checks));
  for (const std::string& note : result.notes) context.note("note: " + note);
  const Benchmark& benchmark = result.benchmark;
  const std::size_t columns = benchmark.columns().size();
  context.note("imported " + benchmark.info().name + ": " +
               counted(static_cast<std::int64_t>(benchmark.rows()), "architecture") + ", " +
               counted(static_cast<std::int64_t>(columns), "column"));
  return 0;
}

int run_list(const Arguments&, Context& context) {
  context.print(benchmarks_table(context.session().reader().benchmarks()));
  return 0;
}

int run_verify(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const std::vector<SelfCheck> checks = verify_benchmark(context.session(), name);
  context.print(checks_table(checks));
  const std::size_t failures = count_failures(checks);
  context.note(failures == 0 ? name + " holds: " + std::to_string(checks.size()) + " checks"
                             : std::to_string(failures) + " of " + std::to_string(checks.size()) +
                                   " checks of " + name + " fail");
  return failures == 0 ? 0 : 1;
}

Table removal_table(const Benchmark& benchmark, const std::vector<std::string>& predictors,
                    bool removed) {
  Table table = single_table("removal");
  add_fact(table, "benchmark", benchmark.info().name);
  add_fact(table, "removed", removed);
  add_fact(table, "architectures", static_cast<std::int64_t>(benchmark.rows()));
  add_fact(table, "columns", static_cast<std::int64_t>(benchmark.columns().size()));
  add_fact(table, "predictors_kept", join(predictors, ", "), "predictors kept");
  return table;
}

int run_remove(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const std::shared_ptr<const Benchmark> benchmark = context.session().benchmark(name);
  const std::vector<std::string> predictors =
      predictors_fitted_on(context.session().reader(), name);
  if (arguments.has("dry-run")) {
    context.print(removal_table(*benchmark, predictors, false));
    return 0;
  }
  std::string what = "remove benchmark '" + name + "' with " +
                     counted(static_cast<std::int64_t>(benchmark->rows()), "architecture");
  if (!predictors.empty()) {
    what += ", which the fitted predictors " + join(predictors, ", ") + " need for their features";
  }
  if (!confirmed(arguments, what)) {
    context.note("nothing was removed");
    return 1;
  }
  context.session().writer().remove_benchmark(name);
  context.session().forget_benchmark(name);
  context.print(removal_table(*benchmark, predictors, true));
  if (!predictors.empty()) {
    context.note("fitted on it, and kept: " + join(predictors, ", ") +
                 "; import the benchmark again under this name, or give them another one with "
                 "nasctl predictor apply --benchmark");
  }
  return 0;
}

}  // namespace

const Command bench_import{
    .noun = "bench",
    .verb = "import",
    .summary = "read a public benchmark file into the database",
    .description =
        "Recognises the file by its name and first bytes, checks known values and recomputes\n"
        "parameters where the space is ours, prints every check, and stores the benchmark whole "
        "or\n"
        "not at all. The file itself is never changed. Archives are read as they were downloaded\n"
        "(tar, zip, gzip, bzip2), and so is a folder in a folder. Tables (separated by commas, "
        "semicolons, tabs or |), JSON, "
        "and\n"
        "folders with one JSON file for each network need a --mapping. Importing again keeps the\n"
        "columns that were computed since; different content under the same name needs --force.",
    .examples =
        "nasctl bench import NATS-tss-v1_0-3ffb9-simple\n"
        "nasctl bench import nb201_all.csv.gz --name nb201\n"
        "nasctl bench import my_table.csv --mapping my_table.toml\n"
        "nasctl bench import results.tar.gz --mapping runs.toml\n"
        "nasctl bench import transnas-bench_v10141024.pth --importer-option space=macro\n"
        "nasctl bench import --formats",
    .positionals =
        {{.name = "PATH", .help = "file or folder", .required = false, .completes = "path"}},
    .options = {{.name = "name", .value = "NAME", .help = "name in the database"},
                {.name = "mapping",
                 .value = "FILE",
                 .help = "what a table's columns mean (TOML), or a built-in mapping",
                 .completes = "file"},
                {.name = "importer",
                 .value = "NAME",
                 .help = "do not guess the format (--formats lists them)"},
                {.name = "importer-option",
                 .value = "KEY=VALUE",
                 .help = "an option of the importer (--formats lists them)",
                 .repeated = true},
                {.name = "force",
                 .value = "",
                 .help =
                     "keep it although checks fail; replace different content of the same name"},
                {.name = "formats",
                 .value = "",
                 .help = "list formats and built-in mappings",
                 .excludes = "PATH|name|mapping|importer|importer-option|force"}},
    .run = run_import};

const Command bench_list{.noun = "bench",
                         .verb = "list",
                         .summary = "benchmarks in the database",
                         .examples = "nasctl bench list",
                         .run = run_list};

const Command bench_verify{
    .noun = "bench",
    .verb = "verify",
    .summary = "recompute what can be recomputed of a benchmark",
    .description =
        "Reads every architecture, recomputes parameters and MACs of every row through the space,\n"
        "counts isomorphism classes and looks for values out of range. Exit code 1 when a check\n"
        "fails.",
    .examples = "nasctl bench verify nb201",
    .positionals = {{.name = "NAME", .help = "benchmark", .completes = "benchmark"}},
    .run = run_verify};

const Command bench_remove{
    .noun = "bench",
    .verb = "remove",
    .summary = "delete a benchmark from the database",
    .description =
        "Its columns go, the computed ones too. Predictors that were fitted on it stay and are\n"
        "named. Asks at a terminal; elsewhere --yes is needed. Exit code 1: the answer was no.",
    .examples = "nasctl bench remove nb201 --dry-run\nnasctl bench remove nb201 --yes",
    .positionals = {{.name = "NAME", .help = "benchmark", .completes = "benchmark"}},
    .options = {{.name = "dry-run", .value = "", .help = "say what would go, change nothing"},
                kYes},
    .run = run_remove};

}  // namespace nas::cli
