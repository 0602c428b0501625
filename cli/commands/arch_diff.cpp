#include <map>
#include <utility>

#include "app/reports/compare.h"
#include "app/study/trial_network.h"
#include "cli/commands.h"
#include "cli/network_argument.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

using Values = std::map<std::string, double>;

/// " (search network)" where a value is of another network than the one that is shown.
std::string other_network(const GivenNetwork& given, const std::string& network) {
  if (network == given.shown.text) return "";
  const NamedTrial& trial = *given.named->trial;
  for (const auto& [role, name] : {std::pair(NetworkRole::kSearch, " (search network)"),
                                   std::pair(NetworkRole::kFinal, " (final network)"),
                                   std::pair(NetworkRole::kPublished, " (published network)")}) {
    // A trial of an early version may not know its network.
    if (role != NetworkRole::kPublished && trial.row.network.empty()) continue;
    if (trial_network(*given.named->space, trial.config, trial.row, role).text == network) {
      return name;
    }
  }
  return network.empty() ? " (network unknown)" : " (" + describe_task(network) + ")";
}

/// What was measured of a trial, by metric and device; nothing of another architecture.
Values measured_values(const GivenNetwork& given) {
  Values values;
  if (!given.named || !given.named->trial) return values;
  for (const MetricValue& metric : given.named->trial->row.metrics) {
    // Sizes are compared as costs.
    if (metric.source == MetricSource::kComputed) continue;
    values[metric.name + (metric.device ? "@" + metric.device->name : "") +
           other_network(given, metric.network)] = metric.value;
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

/// Decisions are compared where both are of one space; networks of files have none.
ArchitectureDifference difference_of(const GivenNetwork& a, const GivenNetwork& b) {
  if (!a.named || !b.named) return compare_networks(a.graph, b.graph);
  const SpaceInfo& space_a = a.named->space->info();
  const SpaceInfo& space_b = b.named->space->info();
  if (space_a.name != space_b.name) {
    throw Error(ErrorKind::kUsage, "A is of space '" + space_a.name + "' and B of '" +
                                       space_b.name + "': only one space can be compared");
  }
  return compare_architectures(*a.named->space, a.named->architecture, a.shown.task,
                               b.named->architecture, b.shown.task);
}

int run_diff(const Arguments& arguments, Context& context) {
  const std::string word_a = *arguments.text("A"), word_b = *arguments.text("B");
  const GivenNetwork a = given_network(arguments, context, word_a);
  const GivenNetwork b = given_network(arguments, context, word_b);
  ArchitectureDifference difference = difference_of(a, b);
  difference.measured = measured_of(measured_values(a), measured_values(b));
  if (context.human()) {
    context.print("A  " + printable(word_a) + (a.text == word_a ? "" : "  " + a.text) + "\n");
    context.print("B  " + printable(word_b) + (b.text == word_b ? "" : "  " + b.text) + "\n\n");
  }
  Table table = difference_table(difference, arguments.has("layers"));
  add_for_programs(table, "network_a", a.shown.text);
  add_for_programs(table, "network_b", b.shown.text);
  const bool alike = a.shown.heading == b.shown.heading;
  table.heading = alike ? a.shown.heading : "A: " + a.shown.heading + "; B: " + b.shown.heading;
  context.print(table);
  if (difference.same_function && a.file && b.file) {
    context.note("weights are not compared: equal graphs compute the same with equal weights");
  }
  const bool same_choices = a.named && b.named && difference.decisions.empty();
  return same_choices || difference.same_function ? 0 : 1;
}

}  // namespace

const Command arch_diff{
    .noun = "arch",
    .verb = "diff",
    .summary = "what separates two architectures",
    .description =
        "Choices, sizes, costs and (of trials) measured values: first what differs, then what "
        "agrees.\n"
        "A value of another network than the one shown says so: accuracy (search network).\n"
        "Exit code 1 when the two compute different functions. Weights of files are not compared.",
    .examples =
        "nasctl arch diff --space nasbench201 index:0 index:1\n"
        "nasctl arch diff trial:first/3 trial:first/12 --layers\n"
        "nasctl arch diff trial:first/12 winner.onnx",
    .positionals = {{.name = "A", .help = kNetworkHelp, .completes = "model-file"},
                    {.name = "B", .help = "as A", .completes = "model-file"}},
    .options = joined(joined({{.name = "layers",
                               .value = "",
                               .help = "also the operations of the networks that differ"}},
                             space_options()),
                      network_options()),
    .run = run_diff};

}  // namespace nas::cli
