// Subnets of a supernet: judged, and taken out.

#include <utility>

#include "app/lookup/architecture_lookup.h"
#include "app/study/winner.h"
#include "app/supernets/subnet_extraction.h"
#include "app/supernets/subnet_judge.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/subnet_argument.h"
#include "core/util/counted.h"
#include "core/util/file_form.h"

namespace nas::cli {
namespace {

/// The architecture of a word in the supernet's space; a note where a trial was judged as another
/// network than the supernet's.
Architecture read_subnet(const OpenSupernet& supernet, ArchitectureLookup& lookup,
                         const std::string& word, Context& context) {
  const NamedByText named = lookup.architecture(word, supernet.info().space);
  if (!named.note.empty()) context.note(named.note);
  const Architecture subnet = subnet_of(supernet, named.choice.name, named.architecture);
  const std::string untrained = supernet.untrained_part(subnet);
  if (!untrained.empty()) {
    context.note("note: " + untrained + ", which " + word + " has: it is judged by weights that " +
                 "know nothing of it");
  }
  if (named.trial && named.trial->row.network != supernet.info().network) {
    context.note("note: the trial was judged as " + describe_task(named.trial->row.network) +
                 "; the supernet has the weights of " + describe_task(supernet.info().network));
  }
  return subnet;
}

int run_evaluate(const Arguments& arguments, Context& context) {
  set_intra_op_threads(1);
  const SubnetJudge judge(open_supernet(context.session(), *arguments.text("SUPERNET")),
                          judging_argument(arguments));
  if (arguments.has("samples") &&
      std::cmp_less(judge.samples(), judging_argument(arguments).samples)) {
    context.note("note: judged on " +
                 counted(static_cast<std::int64_t>(judge.samples()), "sample") +
                 ", all that were held out");
  }
  ArchitectureLookup lookup(context.session());
  std::vector<Architecture> subnets;
  for (const std::string& word : arguments.all("ARCHITECTURE")) {
    subnets.push_back(read_subnet(judge.supernet(), lookup, word, context));
  }
  const SearchSpace& space = *judge.supernet().space;
  Table table{.kind = "subnets", .columns = {{"architecture", "", true}}};
  context.progress().begin("judging subnets", static_cast<std::int64_t>(subnets.size()));
  for (const Architecture& subnet : subnets) {
    std::vector<Cell> row{space.format(subnet)};
    for (const NamedValue& value : judge.judge(subnet)) {
      if (table.rows.empty()) table.columns.push_back({value.name});
      row.emplace_back(value.value);
    }
    const GraphCost cost = graph_cost(space.build(subnet, judge.supernet().task));
    if (table.rows.empty()) {
      table.columns.push_back({"params"});
      table.columns.push_back({"macs"});
    }
    row.emplace_back(cost.params);
    row.emplace_back(published_macs(space.info(), cost));
    table.rows.push_back(std::move(row));
    context.progress().update(static_cast<std::int64_t>(table.rows.size()), "");
    if (context.session().stop().stop_requested()) return 130;
  }
  context.progress().end();
  add_for_programs(table, "network", judge.supernet().info().network);
  add_for_programs(table, "fidelity", judge.fidelity());
  table.heading = "network: " + describe_task(judge.supernet().info().network);
  table.caption = judge.fidelity();
  table.single = subnets.size() == 1;
  context.print(table);
  return 0;
}

int run_extract(const Arguments& arguments, Context& context) {
  set_intra_op_threads(1);
  SubnetExtraction extraction;
  extraction.output = *arguments.text("output");
  extraction.force = arguments.has("force");
  extraction.statistics = parse_subnet_statistics(arguments.value("statistics"));
  const OpenSupernet supernet = open_supernet(context.session(), *arguments.text("SUPERNET"));
  form_of_file(extraction.output.string(), model_ending(supernet.problem->record()).substr(1),
               "--output");
  ArchitectureLookup lookup(context.session());
  const Architecture subnet =
      read_subnet(supernet, lookup, *arguments.text("ARCHITECTURE"), context);
  const ExtractedSubnet extracted = extract_subnet(context.session(), supernet, subnet, extraction);
  Table table = single_table("extracted_subnet");
  add_fact(table, "architecture", supernet.space->format(subnet));
  add_fact(table, "parent", supernet.identity());
  add_fact(table, "params", extracted.params);
  add_fact(table, "macs", extracted.macs);
  add_fact(table, "model", extracted.path.string());
  add_fact(table, "sha256", extracted.sha256);
  add_for_programs(table, "network", supernet.info().network);
  table.heading = "network: " + describe_task(supernet.info().network);
  context.print(table);
  return 0;
}

}  // namespace

const Command supernet_evaluate{
    .noun = "supernet",
    .verb = "evaluate",
    .summary = "judge architectures with the weights of a supernet",
    .description =
        "Ranks architectures without training them. By default batch normalisations take the "
        "statistics of the\njudged batches: the running ones of a supernet mix all subnets.",
    .examples =
        "nasctl supernet evaluate first index:13714 index:0\n"
        "nasctl supernet evaluate first trial:study/3 --statistics recalibrated --samples 500",
    .positionals = {{.name = "SUPERNET", .help = "supernet"},
                    {.name = "ARCHITECTURE", .help = kArchitectureHelp, .repeated = true}},
    .options = judging_options(""),
    .run = run_evaluate};

const Command supernet_extract{
    .noun = "supernet",
    .verb = "extract",
    .summary = "write a subnet as a model of its own",
    .description =
        "The file is read like any trained model (arch evaluate, arch train --teacher); it names "
        "its supernet as its\nparent. Batch normalisations get statistics of 2,000 training "
        "samples, or keep the supernet's. Of\ncircuits: an OpenQASM file with the shared angles.",
    .examples = "nasctl supernet extract first index:13714 --output models/subnet.safetensors",
    .positionals = {{.name = "SUPERNET", .help = "supernet"},
                    {.name = "ARCHITECTURE", .help = kArchitectureHelp}},
    .options = {{.name = "output",
                 .value = "FILE",
                 .help = "model file; of circuits FILE.qasm",
                 .completes = "new-file",
                 .required = true},
                {.name = "force", .value = "", .help = "replace the file"},
                {.name = "statistics",
                 .value = "WORD",
                 .help = "of its batch normalisations",
                 .choices = "recalibrated|shared",
                 .standard = to_string(SubnetStatistics::kRecalibrated)}},
    .run = run_extract};

}  // namespace nas::cli
