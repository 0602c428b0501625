#include <map>

#include "app/reports/compare.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

using Values = std::map<std::string, double>;

/// What was measured of a trial, by metric and device; nothing of another architecture.
Values measured_values(const NamedArchitecture& named) {
  Values values;
  if (!named.trial) return values;
  for (const MetricValue& metric : named.trial->row.metrics) {
    // Sizes are compared as costs.
    if (metric.source == MetricSource::kComputed) continue;
    values[metric.name + (metric.device ? "@" + metric.device->name : "")] = metric.value;
  }
  return values;
}

std::vector<MeasuredDifference> measured_of(const Values& a, const Values& b) {
  std::map<std::string, MeasuredDifference> rows;
  for (const auto& [name, value] : a) rows[name].a = value;
  for (const auto& [name, value] : b) rows[name].b = value;
  std::vector<MeasuredDifference> result;
  for (auto& [name, row] : rows) {
    row.name = name;
    result.push_back(row);
  }
  return result;
}

int run_diff(const Arguments& arguments, Context& context) {
  const std::string word_a = *arguments.text("A"), word_b = *arguments.text("B");
  const NamedArchitecture a = named_architecture(arguments, context, word_a);
  const NamedArchitecture b = named_architecture(arguments, context, word_b);
  if (a.space->info().name != b.space->info().name) {
    throw Error(ErrorKind::kUsage, "A is of space '" + a.space->info().name + "' and B of '" +
                                       b.space->info().name + "': only one space can be compared");
  }
  const ShownNetwork network_a = network_argument(arguments, a);
  const ShownNetwork network_b = network_argument(arguments, b);
  ArchitectureDifference difference = compare_architectures(
      *a.space, a.architecture, network_a.task, b.architecture, network_b.task);
  difference.measured = measured_of(measured_values(a), measured_values(b));
  if (context.human()) {
    context.print("A  " + printable(word_a) + (a.text == word_a ? "" : "  " + a.text) + "\n");
    context.print("B  " + printable(word_b) + (b.text == word_b ? "" : "  " + b.text) + "\n\n");
  }
  Table table = difference_table(difference, arguments.has("layers"));
  add_for_programs(table, "network_a", network_a.text);
  add_for_programs(table, "network_b", network_b.text);
  const bool alike = network_a.heading == network_b.heading;
  table.heading =
      alike ? network_a.heading : "A: " + network_a.heading + "; B: " + network_b.heading;
  context.print(table);
  return difference.decisions.empty() || difference.same_function ? 0 : 1;
}

}  // namespace

const Command arch_diff{
    .noun = "arch",
    .verb = "diff",
    .summary = "what separates two architectures",
    .description =
        "Choices, sizes, costs and (of trials) measured values: first what differs, then what "
        "agrees.\n"
        "Exit code 1 when the two compute different functions.",
    .examples =
        "nasctl arch diff --space nasbench201 index:0 index:1\n"
        "nasctl arch diff trial:first/3 trial:first/12 --layers",
    .positionals = {{.name = "A", .help = kArchitectureHelp}, {.name = "B", .help = "as A"}},
    .options = joined(joined({{.name = "layers",
                               .value = "",
                               .help = "also the operations of the networks that differ"}},
                             space_options()),
                      network_options()),
    .run = run_diff};

}  // namespace nas::cli
