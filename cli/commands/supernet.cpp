#include <algorithm>
#include <map>

#include "app/lookup/architecture_lookup.h"
#include "app/presentation/text_curve.h"
#include "app/session/data_spec.h"
#include "app/supernets/subnet_extraction.h"
#include "app/supernets/subnet_judge.h"
#include "app/supernets/supernet_training.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/subnet_argument.h"
#include "cli/training_argument.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

SupernetRequest read_request(const Arguments& arguments, Context& context) {
  SupernetRequest request;
  request.name = *arguments.text("NAME");
  request.space = space_choice(arguments);
  request.data = training_data(arguments);
  request.recipe = make_recipe(recipe_argument(arguments), "--recipe",
                               find_data_kind(data_spec(context.session(), request.data)));
  request.schedule = parse_stage_schedule(arguments.value("schedule"));
  request.sampling = parse_path_sampling(arguments.value("sampling"));
  if (request.sampling == PathSampling::kFair && arguments.has("paths")) {
    throw Error(ErrorKind::kUsage,
                "--paths has no effect with --sampling fair, which draws as many as it needs");
  }
  const std::int64_t fewest = request.sampling == PathSampling::kSandwich ? 4 : 1;
  request.paths = arguments.integer_or("paths", fewest, 1, 1000);
  request.teacher_weight = arguments.real("teacher-weight", 0, 1e6).value_or(0);
  request.probes = arguments.whole("probes", 1, 1000);
  request.choices = arguments.all("choices");
  request.from = arguments.text_or("from", "");
  request.replace = arguments.has("replace");
  request.threads = static_cast<int>(arguments.whole("threads", 1, 1024));
  return request;
}

Table supernet_table(const StoredSupernet& supernet) {
  const SupernetInfo& info = supernet.info;
  Table table = single_table("supernet");
  add_fact(table, "name", info.name);
  add_fact(table, "space", to_string(info.space));
  add_fact(table, "parameters", info.parameters);
  add_fact(table, "data", info.data_id);
  add_fact(table, "paths", info.paths);
  add_fact(table, "epochs", info.epochs);
  for (const NamedValue& value : info.values) add_fact(table, value.name, value.value);
  if (!info.parent.empty()) add_fact(table, "started_from", info.parent, "started from");
  add_fact(table, "file", supernet.path.string());
  add_fact(table, "bytes", supernet.row.bytes);
  add_fact(table, "sha256", supernet.row.sha256);
  add_for_programs(table, "network", info.network);
  table.heading = "network: " + describe_task(info.network);
  return table;
}

int run_train(const Arguments& arguments, Context& context) {
  const SupernetOutcome outcome =
      train_supernet(context.session(), read_request(arguments, context));
  if (outcome.report.stopped) {
    context.note("stopped after epoch " + std::to_string(outcome.report.epochs_done) +
                 "; the same command continues from there");
    return 130;
  }
  if (outcome.known) context.note("it is there already, of these settings: nothing was trained");
  context.print(supernet_table(outcome.supernet));
  return 0;
}

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "supernets",
              .columns = {{"name", "", false, true},
                          {"space"},
                          {"parameters"},
                          {"epochs"},
                          {"train_loss", "train loss"},
                          {"metric"},
                          {"value"},
                          {"data", "", true},
                          {"file", "", false, true}},
              .caption = "the metric is the mean of a few subnets on held-out samples"};
  for (const StoredSupernet& supernet : supernets(context.session())) {
    const SupernetInfo& info = supernet.info;
    std::vector<Cell> row{info.name, to_string(info.space), info.parameters, info.epochs};
    row.emplace_back(info.values.empty() ? Cell() : Cell(info.values[0].value));
    row.emplace_back(info.values.size() < 2 ? Cell() : Cell(info.values[1].name));
    row.emplace_back(info.values.size() < 2 ? Cell() : Cell(info.values[1].value));
    row.emplace_back(info.data_id);
    row.emplace_back(supernet.row.path);
    table.rows.push_back(std::move(row));
  }
  context.print(table);
  return 0;
}

Table curve_table(std::span<const CurvePoint> curve) {
  Table table{.kind = "supernet_curve", .columns = {{"epoch"}, {"name"}, {"value"}}};
  for (const CurvePoint& point : curve) {
    table.rows.push_back({point.epoch, point.name, point.value});
  }
  return table;
}

/// A line for each name, for people.
Table drawn_curves(std::span<const CurvePoint> curve) {
  std::vector<std::string> names;
  std::map<std::string, std::vector<double>> values;
  for (const CurvePoint& point : curve) {
    if (!values.contains(point.name)) names.push_back(point.name);
    values[point.name].push_back(point.value);
  }
  Table table{.kind = "supernet_curves",
              .columns = {{"curve"}, {"first"}, {"last"}, {"epochs", "by epoch", false, true}}};
  for (const std::string& name : names) {
    const std::vector<double>& own = values[name];
    table.rows.push_back({name, own.front(), own.back(), text_curve(own)});
  }
  return table;
}

int run_show(const Arguments& arguments, Context& context) {
  const StoredSupernet supernet = known_supernet(context.session(), *arguments.text("SUPERNET"));
  const std::vector<CurvePoint> curve = context.session().reader().artifact_curve(supernet.row.id);
  if (arguments.has("curve")) {
    context.print(curve_table(curve));
    return 0;
  }
  Table table = supernet_table(supernet);
  add_fact(table, "version", supernet.row.version);
  std::string recipe;
  for (const auto& [name, value] : supernet.info.recipe) {
    recipe += (recipe.empty() ? "" : " ") + name + "=" + value;
  }
  add_fact(table, "recipe", recipe);
  context.print(table);
  if (context.human() && !curve.empty()) context.print(drawn_curves(curve));
  return 0;
}

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
  form_of_file(extraction.output.string(), "safetensors", "--output");
  extraction.force = arguments.has("force");
  extraction.statistics = parse_subnet_statistics(arguments.value("statistics"));
  const OpenSupernet supernet = open_supernet(context.session(), *arguments.text("SUPERNET"));
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

const Command supernet_train{
    .noun = "supernet",
    .verb = "train",
    .summary = "train the shared weights of a whole space",
    .description =
        "Each step trains drawn subnets on one bank of weights. The supernet is an artifact of the "
        "database,\nits file lies in supernets/ beside it. The same command again continues an "
        "interrupted training,\nexactly, and does nothing once it is done. Stages: --schedule, "
        "or train again\nunder another name with --from, --choices and --teacher-weight.",
    .examples =
        "nasctl supernet train first --space nasbench201 --data glyphs --recipe "
        "learning_rate=0.02\n"
        "nasctl supernet train wide --space ofa_mobilenetv3 --data cifar10:DIR --sampling sandwich "
        "--paths 4\n"
        "nasctl supernet train narrow --space ofa_mobilenetv3 --data cifar10:DIR --from wide \\\n"
        "    --teacher-weight 1 --choices '*kernel=3,5'",
    .positionals = {{.name = "NAME", .help = "name of the supernet", .completes = "supernet"}},
    .options = joined(
        joined(
            training_options(),
            {{.name = "schedule",
              .value = "HOW",
              .help = "in what order choices join: all at once; the largest network, then kernels, "
                      "depths and widths, with a teacher or (efficient_tdnn) without one. The "
                      "recipe is "
                      "that of the first stage",
              .choices = "single|once_for_all|efficient_tdnn",
              .standard = to_string(StageSchedule::kSingle)},
             {.name = "sampling",
              .value = "HOW",
              .help =
                  "how subnets are drawn: each by itself; so that all choices are trained equally "
                  "often; the largest, the smallest and some between",
              .choices = "uniform|fair|sandwich",
              .standard = to_string(PathSampling::kUniform)},
             {.name = "paths",
              .value = "N",
              .help = "subnets in a step (default: 1, sandwich 4; fair: as many as choices)"},
             {.name = "choices",
              .value = "DECISION=A,B",
              .help =
                  "draw only these choices of a decision (nasctl space show); '*' stands for any "
                  "text of its name",
              .repeated = true},
             {.name = "from",
              .value = "SUPERNET",
              .help = "start with the weights of this one instead of drawn ones"},
             {.name = "teacher-weight",
              .value = "W",
              .help = "learn also from what its largest subnet says, with this weight",
              .needs = "from"},
             {.name = "probes",
              .value = "N",
              .help = "subnets that are judged after every epoch",
              .standard = "4"},
             {.name = "replace", .value = "", .help = "replace a supernet of other settings"},
             {.name = "threads", .value = "N", .help = "CPU threads", .standard = "1"}}),
        space_options()),
    .run = run_train};

const Command supernet_list{.noun = "supernet",
                            .verb = "list",
                            .summary = "the supernets of the database",
                            .examples = "nasctl supernet list",
                            .run = run_list};

const Command supernet_show{
    .noun = "supernet",
    .verb = "show",
    .summary = "how a supernet was trained, its curve and its file",
    .examples =
        "nasctl supernet show first\n"
        "nasctl supernet show first --curve --format csv",
    .positionals = {{.name = "SUPERNET", .help = "supernet"}},
    .options = {{.name = "curve", .value = "", .help = "the points of its curve instead"}},
    .run = run_show};

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
        "samples, or keep the supernet's.",
    .examples = "nasctl supernet extract first index:13714 --output models/subnet.safetensors",
    .positionals = {{.name = "SUPERNET", .help = "supernet"},
                    {.name = "ARCHITECTURE", .help = kArchitectureHelp}},
    .options = {{.name = "output",
                 .value = "FILE",
                 .help = "model file",
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
